import { readFile } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
import { HttpError } from "../http-error.ts";
import type { HttpRequest, HttpResponse } from "../http-message.ts";
import { textAt } from "../json-at.ts";
import type { Environment } from "../proxy.ts";
import { Secret } from "../secret.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { within } from "../within.ts";

/** Who asks for a token. */
export type AzureIdentity =
  | { readonly kind: "secret"; readonly tenantId: string; readonly clientId: string; readonly clientSecret: Secret }
  /** Somebody else (a kubelet, usually) vouches for the client, by a token in a file. */
  | { readonly kind: "federated"; readonly tenantId: string; readonly clientId: string; readonly tokenFile: string }
  /** The machine itself; `clientId` where it has several identities. */
  | { readonly kind: "managed"; readonly clientId?: string };

export interface AzureTokenOptions {
  readonly identity: AzureIdentity;
  /** Of the cloud. */
  readonly login: string;
  readonly audience: string;
}

export interface AzureSurroundings {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** To the metadata service of the machine, which is never behind a proxy. */
  readonly sendLocally: (request: HttpRequest) => Promise<HttpResponse>;
  readonly clock: Clock;
  readonly env: Environment;
}

/** A token that ends sooner than this is renewed before it is used; one that is short-lived, after half its life. */
const earlyMs = 5 * 60_000;

const timeoutMs = 30_000;
const answerLimit = 1024 * 1024;

/** Tokens of Microsoft Entra ID: got when one is needed, kept until shortly before its end, and got once for all who wait. */
export class AzureTokens {
  readonly #options: AzureTokenOptions;
  readonly #surroundings: AzureSurroundings;
  #known: { readonly token: string; readonly until: number } | undefined;
  #asking: Promise<string> | undefined;

  constructor(options: AzureTokenOptions, surroundings: AzureSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Value of the `Authorization` header. Rejects with an HttpError. */
  async authorization(signal: AbortSignal): Promise<string> {
    const known = this.#known;
    if (known !== undefined && this.#surroundings.clock.now() < known.until) return known.token;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return unlessAborted(this.#asking, signal);
  }

  /** The service refused it: the next call asks for another. */
  forget(): void {
    this.#known = undefined;
  }

  async #ask(): Promise<string> {
    const { clock } = this.#surroundings;
    const { kind } = this.#options.identity;
    try {
      const answer = await within(timeoutMs, clock, new AbortController().signal, "the service for tokens", (signal) =>
        kind === "managed" ? this.#askLocally(signal) : this.#askLogin(signal),
      );
      const accessToken = textAt(answer, "access_token");
      const seconds = Number(textAt(answer, "expires_in")) || 0;
      if (accessToken === "") throw new HttpError("the answer holds no access_token");
      const token = `Bearer ${accessToken}`;
      this.#known = { token, until: clock.now() + Math.max(seconds * 1000 - earlyMs, seconds * 500) };
      return token;
    } catch (error) {
      throw new HttpError(`cannot get a token of Azure: ${describeError(error)}`);
    }
  }

  async #askLogin(signal: AbortSignal): Promise<unknown> {
    const { identity, login, audience } = this.#options;
    if (identity.kind === "managed") return undefined;
    const { tenantId, clientId } = identity;
    const url = new URL(`${login}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`);
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      scope: `${audience}/.default`,
      ...(identity.kind === "secret"
        ? { client_secret: identity.clientSecret.reveal() }
        : {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: (await readFile(identity.tokenFile, "utf8")).trim(),
          }),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return parse(
      await this.#surroundings.send({ method: "POST", url, headers, body: Buffer.from(form.toString()), signal }),
    );
  }

  /** By the metadata service of a machine, or by what an App Service has instead. */
  async #askLocally(signal: AbortSignal): Promise<unknown> {
    const { identity, audience } = this.#options;
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret } = this.#surroundings.env;
    const isAppService = Boolean(endpoint && secret);
    const url = new URL((isAppService && endpoint) || "http://169.254.169.254/metadata/identity/oauth2/token");
    url.searchParams.set("api-version", isAppService ? "2019-08-01" : "2018-02-01");
    url.searchParams.set("resource", audience);
    if (identity.clientId !== undefined) url.searchParams.set("client_id", identity.clientId);
    const headers: Record<string, string> = isAppService ? { "x-identity-header": secret ?? "" } : { metadata: "true" };
    return parse(await this.#surroundings.sendLocally({ method: "GET", url, headers, signal }));
  }
}

/** Only the code of a refusal (RFC 6749 section 5.2) and the number in front of its words: the rest may repeat what was sent. */
async function parse(response: HttpResponse): Promise<unknown> {
  const text = Buffer.from(await response.read(answerLimit)).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (response.status === 200 && value !== undefined) return value;
  const [code = ""] = /^[\w.-]{1,64}$/.exec(textAt(value, "error")) ?? [];
  const [number = ""] = /^AADSTS\d+/.exec(textAt(value, "error_description")) ?? [];
  throw new HttpError([`HTTP status ${response.status}`, code, number].filter(Boolean).join(", "));
}

/** What the default credentials of Azure's SDKs find in the environment; else the machine itself. */
export function environmentIdentity(env: Environment): AzureIdentity {
  const { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId } = env;
  const { AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: tokenFile } = env;
  if (tenantId && clientId && secret) return { kind: "secret", tenantId, clientId, clientSecret: new Secret(secret) };
  if (tenantId && clientId && tokenFile) return { kind: "federated", tenantId, clientId, tokenFile };
  return { kind: "managed", ...(clientId && { clientId }) };
}
