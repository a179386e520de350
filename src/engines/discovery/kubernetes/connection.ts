import { readFile } from "node:fs/promises";
import { describeError } from "../../../lib/errors.ts";
import { HttpClient, type HttpClientOptions } from "../../../lib/http-client.ts";
import type { HttpSurroundings } from "../../../lib/http-connections.ts";
import { parseKubeconfig } from "./kubeconfig.ts";

/** Where the API is. Exactly one of the three ways: an address, a kubeconfig, or the cluster that this runs in. */
export interface ApiPlace {
  readonly apiServer?: string;
  /** Absolute. */
  readonly kubeconfigFile?: string;
  /** Where a cluster puts what its pods need to talk to it. */
  readonly serviceAccountDir: string;
  /** For `apiServer`; the others bring their own. */
  readonly client: HttpClientOptions;
}

/** An open way to the API. */
export interface ApiConnection {
  readonly client: HttpClient;
  /** With a slash at its end. */
  readonly base: URL;
  /** The namespace that this runs in, or that the kubeconfig names; "" where nothing says. */
  readonly namespace: string;
}

/** Rejects with an Error in words for the user. What is in files is read anew each time: tokens and clusters change. */
export async function connectApi(place: ApiPlace, surroundings: HttpSurroundings): Promise<ApiConnection> {
  const { apiServer, kubeconfigFile, serviceAccountDir, client } = place;
  if (apiServer !== undefined) return connection(apiServer, client, "", surroundings);
  const { followRedirects, userAgent } = client;
  if (kubeconfigFile !== undefined) {
    const { server, namespace, client: own } = await readKubeconfig(kubeconfigFile);
    return connection(server, { followRedirects, userAgent, ...own }, namespace, surroundings);
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = surroundings.env;
  if (!host || !port) {
    throw new Error("this does not run in a Kubernetes cluster; set api_server or kubeconfig_file");
  }
  const options = {
    followRedirects,
    userAgent,
    authorization: { type: "Bearer", credentialsFile: `${serviceAccountDir}/token` },
    tls: { caFile: `${serviceAccountDir}/ca.crt` },
  };
  const namespace = await readFile(`${serviceAccountDir}/namespace`, "utf8").catch(() => "");
  const address = host.includes(":") ? `[${host}]` : host;
  return connection(`https://${address}:${port}`, options, namespace.trim(), surroundings);
}

function connection(
  server: string,
  options: HttpClientOptions,
  namespace: string,
  surroundings: HttpSurroundings,
): ApiConnection {
  const base = new URL(server.replace(/\/*$/, "/"));
  return { client: new HttpClient(options, surroundings), base, namespace };
}

async function readKubeconfig(path: string) {
  try {
    return parseKubeconfig(await readFile(path, "utf8"), path);
  } catch (error) {
    throw new Error(`cannot use the kubeconfig ${path}: ${describeError(error)}`);
  }
}
