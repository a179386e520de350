import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../secret.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Of credentials that expire. */
  readonly sessionToken?: Secret;
  /** Milliseconds since the epoch; left out for keys that last. */
  readonly expiresAt?: number;
}

export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  /**
   * What is signed besides the host and the date, so nobody on the way can change it. Any case; send them as they are.
   * What a proxy may change or add (`user-agent`, `connection`, …) does not belong here.
   */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** As in the credential scope: `ec2`, `sts`, `aps`. */
  readonly service: string;
  /** Milliseconds since the epoch; AWS refuses a request that is more than five minutes off. */
  readonly time: number;
}

/** The headers that sign a request, names in lower case: to be sent besides those that it has already. */
export type SignatureHeaders = Readonly<Record<string, string>>;

/**
 * AWS Signature Version 4, in the `Authorization` header (AWS IAM User Guide, "Create a signed AWS API request").
 *
 *     canonical request ─ hash ─► string to sign ─ HMAC ─► signature
 *                                                    ▲
 *     secret ─ HMAC ─► day ─ HMAC ─► region ─ HMAC ─► service ─ HMAC ─► "aws4_request"
 *
 * The path is encoded once more than it is sent, as all services want it but S3.
 */
export function signRequest(request: RequestToSign): SignatureHeaders {
  const { method, url, headers = {}, body = noBody, credentials, region, service, time } = request;
  const date = amzDate(time);
  const added: Record<string, string> = { "x-amz-date": date };
  if (credentials.sessionToken !== undefined) added["x-amz-security-token"] = credentials.sessionToken.reveal();

  const signed = canonicalHeaders({ ...headers, ...added, host: url.host });
  const names = signed.map(([name]) => name).join(";");
  const canonicalRequest = [
    method,
    canonicalPath(url.pathname),
    canonicalQuery(url.searchParams),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");

  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const stringToSign = [algorithm, date, scope, sha256(canonicalRequest)].join("\n");
  const signature = hmac(signingKey(credentials.secretAccessKey, scope), stringToSign).toString("hex");
  const credential = `${credentials.accessKeyId}/${scope}`;
  return {
    ...added,
    authorization: `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const algorithm = "AWS4-HMAC-SHA256";
const noBody = new Uint8Array();

/** `20150830T123600Z`. */
function amzDate(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** Sorted by name; runs of spaces count as one. */
function canonicalHeaders(headers: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value.trim().replaceAll(/ +/g, " ")])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Slashes that follow each other count as one. */
function canonicalPath(path: string): string {
  return path.replaceAll(/\/+/g, "/").split("/").map(uriEncode).join("/");
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]): [string, string] => [uriEncode(name), uriEncode(value)])
    .sort(([a, x], [b, y]) => (a === b ? Number(x > y) - Number(x < y) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** RFC 3986's unreserved characters stay; encodeURIComponent keeps five more. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signingKey(secret: Secret, scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secret.reveal()}`);
  for (const part of scope.split("/")) key = hmac(key, part);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
