import { readFile } from "node:fs/promises";
import { describeError } from "./errors.ts";
import { HttpError } from "./http-error.ts";
import type { Secret } from "./secret.ts";

/** At most one of the two. Files are read for every request, so that a secret can be rotated without a reload. */
export interface Credentials {
  readonly basicAuth?: {
    readonly username?: string;
    readonly usernameFile?: string;
    readonly password?: Secret;
    readonly passwordFile?: string;
  };
  readonly authorization?: {
    /** `Bearer`, usually. */
    readonly type: string;
    readonly credentials?: Secret;
    readonly credentialsFile?: string;
  };
}

/** Header values by name; a header with several values is sent several times. */
export type HttpHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;

export type HeaderValue = string | Secret | { readonly file: string };

interface Resolved {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly authorization: string | undefined;
}

/** The configured headers and credentials of one client. What does not come from files is put together once. */
export class ConfiguredHeaders {
  readonly #credentials: Credentials;
  readonly #headers: readonly (readonly [string, HeaderValue])[];
  readonly #hasFiles: boolean;
  #resolved: Resolved | undefined;

  constructor(credentials: Credentials, headers: HttpHeaders) {
    this.#credentials = credentials;
    this.#headers = Object.entries(headers).flatMap(([name, values]) =>
      (Array.isArray(values) ? values : [values]).map((value: HeaderValue) => [name.toLowerCase(), value] as const),
    );
    const { basicAuth, authorization } = credentials;
    const files = [basicAuth?.usernameFile, basicAuth?.passwordFile, authorization?.credentialsFile];
    this.#hasFiles = files.some((file) => file !== undefined) || this.#headers.some(([, value]) => isFile(value));
  }

  /** Whether they are the same for every request. */
  get areLasting(): boolean {
    return !this.#hasFiles;
  }

  /** Rejects with an HttpError when a file cannot be read. */
  async resolve(): Promise<Resolved> {
    if (this.#resolved !== undefined) return this.#resolved;
    const headers = await Promise.all(
      this.#headers.map(async ([name, value]) => [name, await reveal(value, `header ${name}`)]),
    );
    const resolved = { headers: headers.flat(), authorization: await authorizationOf(this.#credentials) };
    if (!this.#hasFiles) this.#resolved = resolved;
    return resolved;
  }
}

async function authorizationOf({ basicAuth, authorization }: Credentials): Promise<string | undefined> {
  if (basicAuth !== undefined) {
    const { username = "", usernameFile, password = "", passwordFile } = basicAuth;
    return basicAuthorization(
      await reveal(fileOr(usernameFile, username), "username_file"),
      await reveal(fileOr(passwordFile, password), "password_file"),
    );
  }
  if (authorization === undefined) return undefined;
  const { type, credentials = "", credentialsFile } = authorization;
  return `${type} ${await reveal(fileOr(credentialsFile, credentials), "credentials_file")}`;
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** What the user info of a URL says; undefined when it has none. */
export function urlAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password));
}

export function fileOr(file: string | undefined, value: HeaderValue): HeaderValue {
  return file === undefined ? value : { file };
}

export async function reveal(value: HeaderValue, what: string): Promise<string> {
  if (typeof value === "string") return value;
  if (!isFile(value)) return value.reveal();
  try {
    return (await readFile(value.file, "utf8")).trim();
  } catch (error) {
    throw new HttpError(`cannot read the file of ${what}: ${describeError(error)}`);
  }
}

function isFile(value: HeaderValue): value is { readonly file: string } {
  return typeof value === "object" && "file" in value;
}
