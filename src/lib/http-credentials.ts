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

/** What goes on a request to the configured server at `url`, names in lower case. */
export async function credentialHeaders(
  credentials: Credentials,
  headers: HttpHeaders,
  url: URL,
): Promise<Record<string, string[]>> {
  const result: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(headers)) {
    const list = Array.isArray(values) ? values : [values];
    result[name.toLowerCase()] = await Promise.all(list.map((value: HeaderValue) => reveal(value, `header ${name}`)));
  }
  const authorization = await authorizationOf(credentials, url);
  if (authorization !== undefined) result.authorization = [authorization];
  return result;
}

async function authorizationOf({ basicAuth, authorization }: Credentials, url: URL): Promise<string | undefined> {
  if (basicAuth !== undefined) {
    const { username = "", usernameFile, password = "", passwordFile } = basicAuth;
    return basic(
      await reveal(fileOr(usernameFile, username), "username_file"),
      await reveal(fileOr(passwordFile, password), "password_file"),
    );
  }
  if (authorization !== undefined) {
    const { type, credentials = "", credentialsFile } = authorization;
    return `${type} ${await reveal(fileOr(credentialsFile, credentials), "credentials_file")}`;
  }
  if (url.username === "" && url.password === "") return undefined;
  return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function fileOr(file: string | undefined, value: HeaderValue): HeaderValue {
  return file === undefined ? value : { file };
}

async function reveal(value: HeaderValue, what: string): Promise<string> {
  if (typeof value === "string") return value;
  if ("reveal" in value) return value.reveal();
  try {
    return (await readFile(value.file, "utf8")).trim();
  } catch (error) {
    throw new HttpError(`cannot read the file of ${what}: ${describeError(error)}`);
  }
}
