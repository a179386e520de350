/** Where the services of one of Azure's clouds are. */
export interface AzureCloud {
  /** Hands out tokens. */
  readonly login: string;
  /** Knows the machines. */
  readonly resourceManager: string;
  /** Whom a token for the resource manager is for. */
  readonly audience: string;
  /** Whom a token for Azure Monitor is for (prometheus: storage/remote/azuread). */
  readonly monitorAudience: string;
}

export const azureClouds = {
  public: {
    login: "https://login.microsoftonline.com",
    resourceManager: "https://management.azure.com",
    audience: "https://management.core.windows.net/",
    monitorAudience: "https://monitor.azure.com/",
  },
  china: {
    login: "https://login.chinacloudapi.cn",
    resourceManager: "https://management.chinacloudapi.cn",
    audience: "https://management.core.chinacloudapi.cn",
    monitorAudience: "https://monitor.azure.cn/",
  },
  government: {
    login: "https://login.microsoftonline.us",
    resourceManager: "https://management.usgovcloudapi.net",
    audience: "https://management.core.usgovcloudapi.net",
    monitorAudience: "https://monitor.azure.us/",
  },
} as const satisfies Record<string, AzureCloud>;

/** By the names of Azure's own tools, in capitals. */
const names: Readonly<Record<string, AzureCloud>> = {
  AZUREPUBLICCLOUD: azureClouds.public,
  AZURECLOUD: azureClouds.public,
  AZURECHINACLOUD: azureClouds.china,
  AZURECHINA: azureClouds.china,
  AZUREUSGOVERNMENTCLOUD: azureClouds.government,
  AZUREUSGOVERNMENT: azureClouds.government,
};

/** In any case; undefined when there is none of that name. */
export function azureCloud(name: string): AzureCloud | undefined {
  return names[name.toUpperCase()];
}
