import { readFile } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
import { HttpError } from "../http-error.ts";
import type { HttpRequest, HttpResponse } from "../http-message.ts";
import { Secret } from "../secret.ts";
import { unlessAborted } from "../unless-aborted.ts";

export type AzureCloud = "AzurePublic" | "AzureGovernment" | "AzureChina";

/** Who asks. */
export type AzureIdentity =
  | { readonly kind: "managed_identity"; readonly clientId?: string }
  | { readonly kind: "oauth"; readonly tenantId: string; readonly clientId: string; readonly clientSecret: Secret }
  | {
      readonly kind: "workload_identity";
      readonly tenantId: string;
      readonly clientId: string;
      readonly tokenFile: string;
    }
  /** Whatever the environment says: a secret, a federated token, or else the machine's own identity. */
  | { readonly kind: "sdk"; readonly tenantId?: string };

export interface AzureTokenOptions {
  readonly cloud: AzureCloud;
  readonly identity: AzureIdentity;
  /** Instead of that of Azure Monitor in the cloud. */
  readonly scope?: string;
}

export interface AzureSurroundings {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  readonly sendLocally: (request: HttpRequest) => Promise<HttpResponse>;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The places of each cloud (prometheus: storage/remote/azuread). */
const clouds = {
  AzurePublic: { authority: "https://login.microsoftonline.com", audience: "https://monitor.azure.com/" },
  AzureGovernment: { authority: "https://login.microsoftonline.us", audience: "https://monitor.azure.us/" },
  AzureChina: { authority: "https://login.chinacloudapi.cn", audience: "https://monitor.azure.cn/" },
};

/** A token that is about to expire would do so on its way. */
const earlyMs = 5 * 60_000;

const timeoutMs = 30_000;
const answerLimit = 1024 * 1024;

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

/** Tokens of Microsoft Entra ID for Azure Monitor: got when one is needed, kept until shortly before they expire. */
export class AzureTokens {
  readonly #options: AzureTokenOptions;
  readonly #surroundings: AzureSurroundings;
  #token: Token | undefined;
  #asking: Promise<Token> | undefined;

  constructor(options: AzureTokenOptions, surroundings: AzureSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Rejects with an HttpError, or with the reason of the signal, which ends this call only. */
  async get(signal: AbortSignal): Promise<string> {
    const now = this.#surroundings.clock.now();
    const known = this.#token;
    if (known !== undefined && now + earlyMs < known.expiresAt) return known.value;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    try {
      return (await unlessAborted(this.#asking, signal)).value;
    } catch (error) {
      if (known !== undefined && now < known.expiresAt && !signal.aborted) return known.value;
      throw error;
    }
  }

  forget(): void {
    this.#token = undefined;
  }

  async #ask(): Promise<Token> {
    const timeout = new AbortController();
    const cancel = this.#surroundings.clock.after(timeoutMs, () =>
      timeout.abort(new HttpError("no answer within 30s")),
    );
    try {
      this.#token = await this.#tokenOf(this.#identity(), timeout.signal);
      return this.#token;
    } catch (error) {
      throw new HttpError(`cannot get a token of Azure AD: ${describeError(error)}`);
    } finally {
      cancel();
    }
  }

  #identity(): AzureIdentity {
    const { identity } = this.#options;
    if (identity.kind !== "sdk") return identity;
    const {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    } = this.#surroundings.env;
    const tenantId = identity.tenantId ?? this.#surroundings.env.AZURE_TENANT_ID;
    if (clientId && tenantId && secret) return { kind: "oauth", tenantId, clientId, clientSecret: new Secret(secret) };
    if (clientId && tenantId && tokenFile) return { kind: "workload_identity", tenantId, clientId, tokenFile };
    return { kind: "managed_identity", ...(clientId && { clientId }) };
  }

  async #tokenOf(identity: AzureIdentity, signal: AbortSignal): Promise<Token> {
    const { send, sendLocally } = this.#surroundings;
    if (identity.kind === "managed_identity")
      return this.#parse(await sendLocally(this.#metadataRequest(identity, signal)));
    if (identity.kind === "sdk") throw new HttpError("no identity");
    const assertion = identity.kind === "oauth" ? identity.clientSecret.reveal() : await readToken(identity.tokenFile);
    const { authority, audience } = clouds[this.#options.cloud];
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: identity.clientId,
      scope: this.#options.scope ?? `${audience}/.default`,
      ...(identity.kind === "oauth"
        ? { client_secret: assertion }
        : {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: assertion,
          }),
    });
    const base = this.#surroundings.env.AZURE_AUTHORITY_HOST || authority;
    return this.#parse(
      await send({
        method: "POST",
        url: new URL(`/${encodeURIComponent(identity.tenantId)}/oauth2/v2.0/token`, base),
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: Buffer.from(form.toString()),
        signal,
      }),
    );
  }

  /** Azure Instance Metadata Service, "Acquire an access token". */
  #metadataRequest({ clientId }: { readonly clientId?: string }, signal: AbortSignal): HttpRequest {
    const { audience } = clouds[this.#options.cloud];
    const host = this.#surroundings.env.AZURE_POD_IDENTITY_AUTHORITY_HOST || "http://169.254.169.254";
    const url = new URL("/metadata/identity/oauth2/token", host);
    url.searchParams.set("api-version", "2018-02-01");
    url.searchParams.set("resource", this.#options.scope?.replace(/\/\.default$/, "") ?? audience);
    if (clientId !== undefined) url.searchParams.set("client_id", clientId);
    return { method: "GET", url, headers: { metadata: "true" }, signal };
  }

  /** `expires_in` is in seconds, of the metadata service as text. Of a refusal only the code: the rest may hold anything. */
  async #parse(response: HttpResponse): Promise<Token> {
    const body = Buffer.from(await response.read(answerLimit)).toString();
    let fields: Record<string, unknown> = {};
    try {
      fields = JSON.parse(body) as Record<string, unknown>;
    } catch {}
    const { access_token: value, expires_in, error } = fields;
    if (response.status !== 200 || typeof value !== "string" || value === "") {
      const code = typeof error === "string" && /^[\w.-]{1,64}$/.test(error) ? `, ${error}` : "";
      throw new HttpError(`HTTP status ${response.status}${code}`);
    }
    const seconds = Number(expires_in);
    return { value, expiresAt: this.#surroundings.clock.now() + (seconds > 0 ? seconds : 300) * 1000 };
  }
}

/** Rotated by whoever mounts it, so it is read each time. */
async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new HttpError(`cannot read the federated token: ${describeError(error)}`);
  }
}
