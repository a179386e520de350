import { Secret } from "../secret.ts";
import { within } from "../within.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { AwsError, type AwsSurroundings, answerLimit } from "./surroundings.ts";

const tokenSeconds = 21_600;

/** It is one hop away: what has not answered by then is not there. */
const timeoutMs = 2_000;

/**
 * The instance metadata service, version 2 only: a session token first, by PUT. Version 1 would answer anybody who can
 * make this process fetch a URL.
 */
export class InstanceMetadata {
  readonly #surroundings: AwsSurroundings;
  readonly #base: string;
  #token: { readonly value: string; readonly until: number } | undefined;

  constructor(surroundings: AwsSurroundings) {
    const { env } = surroundings;
    const isIpv6 = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === "ipv6";
    const standard = isIpv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    this.#surroundings = surroundings;
    this.#base = (env.AWS_EC2_METADATA_SERVICE_ENDPOINT || standard).replace(/\/+$/, "");
  }

  region(signal: AbortSignal): Promise<string> {
    return this.#get("placement/region", signal);
  }

  /** Those of the role that the instance runs with. */
  async credentials(signal: AbortSignal): Promise<AwsCredentials> {
    const list = await this.#get("iam/security-credentials/", signal);
    const role = list.split("\n")[0]?.trim() ?? "";
    if (role === "") throw new AwsError("the instance has no role");
    return parseCredentials(await this.#get(`iam/security-credentials/${role}`, signal));
  }

  async #get(path: string, signal: AbortSignal): Promise<string> {
    for (let isLast = false; ; isLast = true) {
      const { status, text } = await this.#ask(
        "GET",
        `meta-data/${path}`,
        {
          "x-aws-ec2-metadata-token": await this.#sessionToken(signal),
        },
        signal,
      );
      if (status === 200) return text;
      // A token ends with the instance's session; a new one is worth one more try.
      this.#token = undefined;
      if (status === 404 && path.startsWith("iam/")) throw new AwsError("the instance has no role");
      if (status !== 401 || isLast) throw new AwsError(`the instance metadata service answers ${status} to ${path}`);
    }
  }

  async #sessionToken(signal: AbortSignal): Promise<string> {
    const now = this.#surroundings.clock.monotonic();
    if (this.#token !== undefined && now < this.#token.until) return this.#token.value;
    const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": String(tokenSeconds) };
    const { status, text } = await this.#ask("PUT", "api/token", ttl, signal);
    if (status !== 200)
      throw new AwsError(`the instance metadata service answers ${status} to the request for a token`);
    this.#token = { value: text, until: now + (tokenSeconds - 60) * 1000 };
    return text;
  }

  #ask(
    method: "GET" | "PUT",
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const { sendLocally, clock, env } = this.#surroundings;
    if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") {
      throw new AwsError("the instance metadata service is switched off by AWS_EC2_METADATA_DISABLED");
    }
    const url = new URL(`${this.#base}/latest/${path}`);
    return within(timeoutMs, clock, signal, "the instance metadata service", async (limited) => {
      const response = await sendLocally({ method, url, headers, signal: limited });
      return { status: response.status, text: Buffer.from(await response.read(answerLimit)).toString() };
    });
  }
}

/** The JSON in which instances, containers and the like get their credentials. */
export function parseCredentials(json: string): AwsCredentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration, Code, Message } = parseObject(json);
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    const reason = [Code, Message].filter((part) => typeof part === "string").join(": ");
    throw new AwsError(`the metadata service hands out no credentials${reason === "" ? "" : `: ${reason}`}`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    ...(typeof Token === "string" && { sessionToken: new Secret(Token) }),
    ...(typeof Expiration === "string" && { expiresAt: Date.parse(Expiration) }),
  };
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new AwsError("the metadata service answers something that is not JSON");
}
