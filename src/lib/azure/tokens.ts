import { readFile } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
import { HttpError } from "../http-error.ts";
import type { HttpRequest, HttpResponse } from "../http-message.ts";
import { textAt } from "../json-at.ts";
import type { Environment } from "../proxy.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { within } from "../within.ts";
import { type AzureEnvironmentIdentity, type AzureIdentity, environmentIdentity } from "./identity.ts";

export interface AzureTokenOptions {
  readonly identity: AzureIdentity | AzureEnvironmentIdentity;
  /** Of the cloud, unless the environment names another (`AZURE_AUTHORITY_HOST`). */
  readonly login: string;
  /** Whom the token is for. */
  readonly audience: string;
  /** Instead of everything that the audience has to give. */
  readonly scope?: string;
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

/** Of a token whose answer does not say how long it lives. */
const unknownLifeMs = 5 * 60_000;

interface Token {
  readonly authorization: string;
  /** When it is renewed, and when it is over: Unix time in milliseconds. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/**
 * Tokens of Microsoft Entra ID: got when one is needed, kept until shortly before its end, and got once for all who wait.
 * One that still holds is used for as long as it cannot be renewed.
 */
export class AzureTokens {
  readonly #options: AzureTokenOptions;
  readonly #identity: AzureIdentity;
  readonly #surroundings: AzureSurroundings;
  #known: Token | undefined;
  #asking: Promise<Token> | undefined;

  constructor(options: AzureTokenOptions, surroundings: AzureSurroundings) {
    const { identity } = options;
    this.#options = options;
    this.#identity =
      identity.kind === "environment" ? environmentIdentity(surroundings.env, identity.tenantId) : identity;
    this.#surroundings = surroundings;
  }

  /** Value of the `Authorization` header. Rejects with an HttpError, or with the reason of the signal, which ends this call only. */
  async authorization(signal: AbortSignal): Promise<string> {
    const { clock } = this.#surroundings;
    if (this.#known !== undefined && clock.now() < this.#known.renewAt) return this.#known.authorization;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    try {
      return (await unlessAborted(this.#asking, signal)).authorization;
    } catch (error) {
      const old = this.#known;
      if (old !== undefined && clock.now() < old.expiresAt && !signal.aborted) return old.authorization;
      throw error;
    }
  }

  /** The service refused it: the next call asks for another. */
  forget(): void {
    this.#known = undefined;
  }

  async #ask(): Promise<Token> {
    const { clock } = this.#surroundings;
    try {
      const answer = await within(timeoutMs, clock, new AbortController().signal, "the service for tokens", (signal) =>
        this.#answer(signal),
      );
      const accessToken = textAt(answer, "access_token");
      if (accessToken === "") throw new HttpError("the answer holds no access_token");
      const lifeMs = lifeOf(answer, clock.now());
      this.#known = {
        authorization: `Bearer ${accessToken}`,
        renewAt: clock.now() + Math.max(lifeMs - earlyMs, lifeMs / 2),
        expiresAt: clock.now() + lifeMs,
      };
      return this.#known;
    } catch (error) {
      throw new HttpError(`cannot get a token of Azure: ${describeError(error)}`);
    }
  }

  #answer(signal: AbortSignal): Promise<unknown> {
    const identity = this.#identity;
    return identity.kind === "managed" ? this.#askLocally(identity.clientId, signal) : this.#askLogin(identity, signal);
  }

  async #askLogin(identity: Exclude<AzureIdentity, { kind: "managed" }>, signal: AbortSignal): Promise<unknown> {
    const { login, audience, scope = `${audience}/.default` } = this.#options;
    const path = `/${encodeURIComponent(identity.tenantId)}/oauth2/v2.0/token`;
    const url = urlAt("AZURE_AUTHORITY_HOST", this.#surroundings.env, login, path);
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: identity.clientId,
      scope,
      ...(identity.kind === "secret"
        ? { client_secret: identity.clientSecret.reveal() }
        : {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: await readToken(identity.tokenFile),
          }),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return parse(
      await this.#surroundings.send({ method: "POST", url, headers, body: Buffer.from(form.toString()), signal }),
    );
  }

  /** By the metadata service of a machine, or by what an App Service has instead. */
  async #askLocally(clientId: string | undefined, signal: AbortSignal): Promise<unknown> {
    const { audience, scope } = this.#options;
    const { env } = this.#surroundings;
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret } = env;
    const isAppService = Boolean(endpoint && secret);
    const url = isAppService
      ? urlAt("IDENTITY_ENDPOINT", env, "", "")
      : urlAt("AZURE_POD_IDENTITY_AUTHORITY_HOST", env, "http://169.254.169.254", "/metadata/identity/oauth2/token");
    url.searchParams.set("api-version", isAppService ? "2019-08-01" : "2018-02-01");
    url.searchParams.set("resource", scope?.replace(/\/\.default$/, "") ?? audience);
    if (clientId !== undefined) url.searchParams.set("client_id", clientId);
    const headers: Record<string, string> = isAppService ? { "x-identity-header": secret ?? "" } : { metadata: "true" };
    return parse(await this.#surroundings.sendLocally({ method: "GET", url, headers, signal }));
  }
}

/** In milliseconds. An App Service says when the token ends, in Unix seconds, and not for how long it lives. */
function lifeOf(answer: unknown, now: number): number {
  const seconds = Number(textAt(answer, "expires_in"));
  const end = Number(textAt(answer, "expires_on"));
  return seconds * 1000 || Math.max(0, end * 1000 - now) || unknownLifeMs;
}

/** A path of the service that the environment names, or that is the usual one. */
function urlAt(variable: string, env: Environment, usual: string, path: string): URL {
  const base = env[variable] || usual;
  const url = URL.parse(path, base);
  if (url === null) throw new HttpError(`${variable} is no URL: ${JSON.stringify(base)}`);
  return url;
}

/** Rotated by whoever mounts it, so it is read for every token. */
async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new HttpError(`cannot read the federated token: ${describeError(error)}`);
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
