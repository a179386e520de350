import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttpServer } from "./http-server.ts";

const subscription = "/subscriptions/sub-1";
const compute = "Microsoft.Compute";

const machine = (name: string, group: string, more: object = {}) => ({
  id: `${subscription}/resourceGroups/${group}/providers/${compute}/virtualMachines/${name}`,
  name,
  type: `${compute}/virtualMachines`,
  location: "westeurope",
  tags: { env: "prod", "cost center": "7" },
  properties: {
    vmId: `id-${name}`,
    hardwareProfile: { vmSize: "Standard_B1s" },
    storageProfile: { osDisk: { osType: "Linux" } },
    osProfile: { computerName: `${name}-host` },
    networkProfile: { networkInterfaces: [{ id: interfaceId(group, name) }] },
  },
  ...more,
});

function interfaceId(group: string, name: string): string {
  return `${subscription}/resourceGroups/${group}/providers/Microsoft.Network/networkInterfaces/${name}-nic`;
}

const scaleSetPath = `${subscription}/resourceGroups/RG-TWO/providers/${compute}/virtualMachineScaleSets/pool`;

const networkInterface = (privateIp: string, publicIp?: string, primary: boolean | undefined = true) => ({
  name: "nic",
  properties: {
    ...(primary !== undefined && { primary }),
    ipConfigurations: [
      {
        name: "ipconfig1",
        properties: {
          privateIPAddress: privateIp,
          ...(publicIp !== undefined && { publicIPAddress: { id: "ip", properties: { ipAddress: publicIp } } }),
        },
      },
    ],
  },
});

/** Path to what is there; a list is answered in pages of two. */
const resources: Readonly<Record<string, unknown>> = {
  [`${subscription}/providers/${compute}/virtualMachines`]: [
    machine("web", "rg-one"),
    machine("db", "rg-two", { tags: undefined }),
    machine("deallocated", "rg-one"),
    machine("no-nic", "rg-one"),
  ],
  [`${subscription}/resourceGroups/rg-one/providers/${compute}/virtualMachines`]: [machine("web", "rg-one")],
  [`${subscription}/resourceGroups/rg-one/providers/${compute}/virtualMachineScaleSets`]: [],
  [`${subscription}/providers/${compute}/virtualMachineScaleSets`]: [{ id: scaleSetPath, name: "pool" }],
  [`${scaleSetPath}/virtualMachines`]: [
    machine("pool_0", "RG-TWO", {
      id: `${scaleSetPath}/virtualMachines/0`,
      instanceId: "0",
      tags: { role: "worker" },
      properties: {
        hardwareProfile: { vmSize: "Standard_B2s" },
        storageProfile: { osDisk: { osType: "Windows" } },
        osProfile: { computerName: "pool000000" },
        networkProfile: { networkInterfaces: [{ id: `${scaleSetPath}/virtualMachines/0/networkInterfaces/nic` }] },
      },
    }),
  ],
  [interfaceId("rg-one", "web")]: networkInterface("10.0.0.1", "52.0.0.1"),
  [interfaceId("rg-two", "db")]: networkInterface("fd00::2"),
  [interfaceId("rg-one", "deallocated")]: {
    ...networkInterface("10.0.0.3"),
    properties: { ipConfigurations: [] },
  },
  [`${scaleSetPath}/virtualMachines/0/networkInterfaces/nic`]: networkInterface("10.0.0.4"),
};

export interface FakeAzureOptions {
  /** Seconds that a token lives. */
  readonly tokenSeconds?: number;
  readonly clientSecret?: string;
}

/**
 * Azure's login and resource manager behind one address: OAuth 2.0 by client secret or assertion, tokens that are checked,
 * `api-version` required, lists by `nextLink`; and the metadata service's identities.
 */
export async function startFakeAzure({ tokenSeconds = 3600, clientSecret = "canary" }: FakeAzureOptions = {}) {
  const requests: string[] = [];
  const forms: string[] = [];
  let issued = 0;
  let valid = "";
  let failure: number | undefined;

  const server = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? "", `http://${request.headers.host}`);
    requests.push(`${url.pathname}${url.search}`);
    if (url.pathname === "/tenant-1/oauth2/v2.0/token") void login(request, response);
    else if (url.pathname === "/identity") managed(request, url, response);
    else resource(request, url, response);
  });

  async function login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    forms.push(JSON.stringify(form));
    const isAsserted = form.client_assertion === "jwt" && /jwt-bearer$/.test(form.client_assertion_type ?? "");
    const isKnown = form.client_id === "client-1" && (form.client_secret === clientSecret || isAsserted);
    if (form.grant_type !== "client_credentials" || form.scope !== "audience/.default" || !isKnown) {
      const text = {
        error: "invalid_client",
        error_description: `AADSTS7000215: Invalid secret ${form.client_secret}`,
      };
      json(response, text, 401);
    } else json(response, token());
  }

  function managed({ headers }: IncomingMessage, url: URL, response: ServerResponse): void {
    const { resource: audience, "api-version": version } = Object.fromEntries(url.searchParams);
    const isAsked = audience === "audience" && version === "2019-08-01" && headers["x-identity-header"] === "header";
    json(response, isAsked ? token() : { error: "invalid_request" }, isAsked ? 200 : 400);
  }

  function token() {
    valid = `token-${++issued}`;
    return { token_type: "Bearer", expires_in: tokenSeconds, access_token: valid };
  }

  function resource(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const [status, code] = refusalOf(request, url) ?? [];
    if (status !== undefined) {
      json(response, { error: { code, message: `it is ${code}` } }, status);
      return;
    }
    const found = resources[url.pathname];
    json(response, Array.isArray(found) ? page(found, url) : found);
  }

  function refusalOf({ headers, method }: IncomingMessage, url: URL): [number, string] | undefined {
    if (headers.authorization !== `Bearer ${valid}`) return [401, "ExpiredAuthenticationToken"];
    if (failure !== undefined) return [failure, "TooManyRequests"];
    if (!/^\d{4}-\d\d-\d\d$/.test(url.searchParams.get("api-version") ?? "")) return [400, "MissingApiVersion"];
    const found = resources[url.pathname];
    if (method !== "GET" || found === undefined) return [404, "ResourceNotFound"];
    const isExpanded = url.searchParams.get("$expand") === "IPConfigurations/PublicIPAddress";
    return Array.isArray(found) || isExpanded ? undefined : [400, "NotExpanded"];
  }

  return {
    ...server,
    requests,
    forms,
    issued: () => issued,
    /** All tokens so far are worth nothing from now on. */
    revoke() {
      valid = "none";
    },
    fail(status: number | undefined) {
      failure = status;
    },
  };
}

function page(list: readonly unknown[], url: URL): object {
  const skip = Number(url.searchParams.get("$skiptoken") ?? 0);
  const next = new URL(url);
  next.searchParams.set("$skiptoken", String(skip + 2));
  return { value: list.slice(skip, skip + 2), ...(skip + 2 < list.length && { nextLink: next.href }) };
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
