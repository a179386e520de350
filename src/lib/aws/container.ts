import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Environment } from "../proxy.ts";
import { within } from "../within.ts";
import { parseCredentials } from "./imds.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { AwsError, type AwsSurroundings, answerLimit } from "./surroundings.ts";

const timeoutMs = 5_000;

/** Whether an agent of ECS or EKS hands out credentials to this container. */
export function isInContainer(env: Environment): boolean {
  return Boolean(env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI);
}

export async function containerCredentials(
  { sendLocally, clock, env }: AwsSurroundings,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const url = containerUrl(env);
  const authorization = await authorizationToken(env);
  const what = "the container's credential service";
  return within(timeoutMs, clock, signal, what, async (limited) => {
    const headers = { ...(authorization && { authorization }) };
    const response = await sendLocally({ method: "GET", url, headers, signal: limited });
    const body = Buffer.from(await response.read(answerLimit)).toString();
    if (response.status !== 200) throw new AwsError(`${what} answers ${response.status}`);
    return parseCredentials(body);
  });
}

/** A full address has to be of this host or of the agents of ECS and EKS, unless it is protected by TLS. */
function containerUrl(env: Environment): URL {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  if (relative) return new URL(relative, "http://169.254.170.2");
  const text = env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "";
  const url = URL.parse(text);
  if (url === null) throw new AwsError("AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL");
  if (url.protocol === "https:" || isTrustedHost(url.hostname.replace(/^\[|\]$/g, ""))) return url;
  throw new AwsError(`AWS_CONTAINER_CREDENTIALS_FULL_URI names ${url.host}, which is not this host`);
}

function isTrustedHost(host: string): boolean {
  if (["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].includes(host)) return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

async function authorizationToken(env: Environment): Promise<string | undefined> {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (!file) return env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new AwsError(`cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: ${(error as Error).message}`);
  }
}
