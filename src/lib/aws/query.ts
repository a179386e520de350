import { HttpError } from "../http-error.ts";
import { parseXml, type XmlElement, XmlError, xmlAt, xmlText } from "../xml.ts";
import { type AwsCredentials, signRequest } from "./sigv4.ts";
import { AwsError, type AwsSurroundings } from "./surroundings.ts";

export interface QueryCall {
  readonly endpoint: URL;
  readonly service: string;
  readonly region: string;
  readonly version: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The call is not signed without; only the call that gets credentials for a token is not. */
  readonly credentials?: AwsCredentials;
  readonly signal: AbortSignal;
}

/** An answer of AWS that is a refusal. */
class AwsRefusal extends AwsError {
  /** AWS' own: `AuthFailure`, `RequestLimitExceeded`, … */
  readonly code: string;

  constructor(action: string, code: string, message: string) {
    super(`${action} is refused: ${code}${message === "" ? "" : `: ${message.slice(0, 300)}`}`);
    this.code = code;
  }
}

/** One call by the Query protocol of EC2 and STS: a form, answered by XML. Rejects with an AwsError or an HttpError. */
export async function awsQuery(call: QueryCall, { send, clock }: AwsSurroundings): Promise<XmlElement> {
  const { endpoint, service, region, version, action, parameters, credentials, signal } = call;
  const body = Buffer.from(new URLSearchParams({ Action: action, Version: version, ...parameters }).toString());
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const request = { method: "POST", url: endpoint, headers, body } as const;
  const signature = credentials && signRequest({ ...request, service, region, credentials, time: clock.now() });
  const response = await send({ ...request, headers: { ...headers, ...signature }, signal });
  const text = Buffer.from(await response.read(answerLimit)).toString();
  const root = parseAnswer(text);
  if (response.status === 200 && root !== undefined) return root;
  const error = root && (xmlAt(root, "Errors", "Error") ?? xmlAt(root, "Error"));
  if (error !== undefined) throw new AwsRefusal(action, xmlText(error, "Code"), xmlText(error, "Message"));
  if (response.status !== 200) throw new AwsRefusal(action, `HTTP status ${response.status}`, "");
  throw new AwsError(`the answer to ${action} from ${endpoint.host} is not XML`);
}

/** Whether the same call may succeed in a moment: the service has too much to do, or nobody answered. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AwsRefusal) return /throttl|limitexceeded|unavailable|internal|HTTP status 5/i.test(error.code);
  return error instanceof HttpError;
}

/** Whether the service does not take the credentials: they may have been changed since they were read. */
export function isAboutCredentials(error: unknown): boolean {
  return error instanceof AwsRefusal && credentialCodes.has(error.code);
}

const credentialCodes: ReadonlySet<string> = new Set([
  "AuthFailure",
  "UnauthorizedOperation",
  "ExpiredToken",
  "RequestExpired",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
]);

/** A page of a thousand instances is a few MiB. */
const answerLimit = 64 * 2 ** 20;

function parseAnswer(text: string): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

/** `https://ec2.eu-west-1.amazonaws.com`; the partitions that have a domain of their own are told by the region's name. */
export function regionalEndpoint(service: string, region: string): URL {
  const domain = domains.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "amazonaws.com";
  return new URL(`https://${service}.${region}.${domain}`);
}

const domains: readonly (readonly [prefix: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eusc-", "amazonaws.eu"],
];
