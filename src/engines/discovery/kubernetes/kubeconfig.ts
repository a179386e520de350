import { dirname, resolve } from "node:path";
import type { HttpClientOptions } from "../../../lib/http-client.ts";
import { listAt, textAt, valueAt } from "../../../lib/json-at.ts";
import { Secret } from "../../../lib/secret.ts";
import type { TlsOptions } from "../../../lib/tls-source.ts";
import { parseYaml } from "../../../lib/yaml.ts";

/** What the current context of a kubeconfig says. */
export interface Kubeconfig {
  readonly server: string;
  /** "" when the context names none. */
  readonly namespace: string;
  readonly client: Pick<HttpClientOptions, "basicAuth" | "authorization" | "tls" | "proxy">;
}

/** Throws an Error that says what is wrong with the file. Relative paths in it start at its folder. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const config = parseYaml(text);
  const name = textAt(config, "current-context");
  if (name === "") throw new Error("it has no current-context");
  const context = named(config, "contexts", name, "context");
  const cluster = named(config, "clusters", textAt(context, "cluster"), "cluster");
  const userName = textAt(context, "user");
  const user = userName === "" ? undefined : named(config, "users", userName, "user");
  const server = textAt(cluster, "server");
  if (!/^https?:$/.test(URL.parse(server)?.protocol ?? "")) throw new Error("its cluster names no server");
  const proxyUrl = textAt(cluster, "proxy-url");
  return {
    server,
    namespace: textAt(context, "namespace"),
    client: {
      ...credentialsOf(user, path),
      tls: tlsOf(cluster, user, path),
      ...(proxyUrl !== "" && { proxy: { url: proxyUrl } }),
    },
  };
}

function named(config: unknown, list: string, name: string, field: string): unknown {
  const entry = listAt(config, list).find((each) => textAt(each, "name") === name);
  if (entry === undefined) throw new Error(`it has no ${field} named "${name}"`);
  return valueAt(entry, field);
}

function credentialsOf(user: unknown, path: string): Pick<HttpClientOptions, "basicAuth" | "authorization"> {
  for (const key of ["exec", "auth-provider"]) {
    if (valueAt(user, key) != null)
      throw new Error(`its user gets a token from a program (${key}), and Sonde starts none`);
  }
  const tokenFile = textAt(user, "tokenFile");
  if (tokenFile !== "") return { authorization: { type: "Bearer", credentialsFile: beside(path, tokenFile) } };
  const token = textAt(user, "token");
  if (token !== "") return { authorization: { type: "Bearer", credentials: new Secret(token) } };
  const username = textAt(user, "username");
  if (username === "") return {};
  return { basicAuth: { username, password: new Secret(textAt(user, "password")) } };
}

function tlsOf(cluster: unknown, user: unknown, path: string): TlsOptions {
  const files = {
    caFile: textAt(cluster, "certificate-authority"),
    certFile: textAt(user, "client-certificate"),
    keyFile: textAt(user, "client-key"),
  };
  const ca = decoded(cluster, "certificate-authority-data");
  const cert = decoded(user, "client-certificate-data");
  const key = decoded(user, "client-key-data");
  const serverName = textAt(cluster, "tls-server-name");
  return {
    // What is in the file itself wins over what it names, as in kubectl.
    ...(ca !== undefined ? { ca } : files.caFile !== "" && { caFile: beside(path, files.caFile) }),
    ...(cert !== undefined ? { cert } : files.certFile !== "" && { certFile: beside(path, files.certFile) }),
    ...(key !== undefined
      ? { key: new Secret(key) }
      : files.keyFile !== "" && { keyFile: beside(path, files.keyFile) }),
    ...(serverName !== "" && { serverName }),
    insecureSkipVerify: valueAt(cluster, "insecure-skip-tls-verify") === true,
  };
}

function decoded(value: unknown, key: string): string | undefined {
  const text = textAt(value, key);
  return text === "" ? undefined : Buffer.from(text, "base64").toString();
}

function beside(path: string, file: string): string {
  return resolve(dirname(path), file);
}
