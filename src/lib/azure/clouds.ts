/** Where the services of one of Azure's clouds are. */
export interface AzureCloud {
  /** Hands out tokens. */
  readonly login: string;
  /** Knows the machines. */
  readonly resourceManager: string;
  /** Whom a token for the resource manager is for. */
  readonly audience: string;
}

/** By the names of Azure's own tools, in capitals. */
const clouds: Readonly<Record<string, AzureCloud>> = {
  AZUREPUBLICCLOUD: {
    login: "https://login.microsoftonline.com",
    resourceManager: "https://management.azure.com",
    audience: "https://management.core.windows.net/",
  },
  AZURECHINACLOUD: {
    login: "https://login.chinacloudapi.cn",
    resourceManager: "https://management.chinacloudapi.cn",
    audience: "https://management.core.chinacloudapi.cn",
  },
  AZUREUSGOVERNMENTCLOUD: {
    login: "https://login.microsoftonline.us",
    resourceManager: "https://management.usgovcloudapi.net",
    audience: "https://management.core.usgovcloudapi.net",
  },
};

const synonyms: Readonly<Record<string, string>> = {
  AZURECLOUD: "AZUREPUBLICCLOUD",
  AZURECHINA: "AZURECHINACLOUD",
  AZUREUSGOVERNMENT: "AZUREUSGOVERNMENTCLOUD",
};

/** In any case; undefined when there is none of that name. */
export function azureCloud(name: string): AzureCloud | undefined {
  const capitals = name.toUpperCase();
  return clouds[synonyms[capitals] ?? capitals];
}
