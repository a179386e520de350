import { readFile } from "node:fs/promises";
import { Secret } from "../secret.ts";
import { within } from "../within.ts";
import { type XmlElement, xmlAt, xmlText } from "../xml.ts";
import { awsQuery, regionalEndpoint } from "./query.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { AwsError, type AwsSurroundings } from "./surroundings.ts";

/** Where a role is asked for. */
export interface StsPlace {
  readonly region: string;
  /** Instead of the region's own. */
  readonly endpoint?: string;
  readonly useFips?: boolean;
}

export interface Role {
  readonly arn: string;
  /** What the owner of the role in another account asks for, against the confused deputy. */
  readonly externalId?: string;
  /** In the other account's audit log. */
  readonly sessionName?: string;
}

const version = "2011-06-15";

/** An hour, which every role allows, also one that is assumed from another. */
const durationSeconds = "3600";

const timeoutMs = 30_000;

export async function assumeRole(
  { arn, externalId, sessionName = defaultSessionName }: Role,
  credentials: AwsCredentials,
  place: StsPlace,
  surroundings: AwsSurroundings,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const parameters = {
    RoleArn: arn,
    RoleSessionName: sessionName,
    DurationSeconds: durationSeconds,
    ...(externalId !== undefined && { ExternalId: externalId }),
  };
  return ask("AssumeRole", parameters, credentials, place, surroundings, signal);
}

/** The token is read each time: whoever wrote it (a kubelet, usually) renews it. */
export async function assumeRoleWithWebIdentity(
  { arn, sessionName = defaultSessionName }: Role,
  tokenFile: string,
  place: StsPlace,
  surroundings: AwsSurroundings,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const token = await readToken(tokenFile);
  const parameters = {
    RoleArn: arn,
    RoleSessionName: sessionName,
    DurationSeconds: durationSeconds,
    WebIdentityToken: token,
  };
  return ask("AssumeRoleWithWebIdentity", parameters, undefined, place, surroundings, signal);
}

const defaultSessionName = "sonde";

async function ask(
  action: "AssumeRole" | "AssumeRoleWithWebIdentity",
  parameters: Readonly<Record<string, string>>,
  credentials: AwsCredentials | undefined,
  place: StsPlace,
  surroundings: AwsSurroundings,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const endpoint = stsEndpoint(place, surroundings.env.AWS_ENDPOINT_URL_STS);
  const { region } = place;
  const root = await within(timeoutMs, surroundings.clock, signal, endpoint.host, (limited) =>
    awsQuery(
      {
        endpoint,
        service: "sts",
        region,
        version,
        action,
        parameters,
        ...(credentials !== undefined && { credentials }),
        signal: limited,
      },
      surroundings,
    ),
  );
  return credentialsOf(action, xmlAt(root, `${action}Result`, "Credentials"));
}

function stsEndpoint({ region, endpoint, useFips = false }: StsPlace, fromEnv: string | undefined): URL {
  const custom = fromEnv || endpoint;
  if (custom) return new URL(custom);
  // In the partition for the government the plain names are FIPS' already.
  return regionalEndpoint(useFips && !region.startsWith("us-gov-") ? "sts-fips" : "sts", region);
}

function credentialsOf(action: string, element: XmlElement | undefined): AwsCredentials {
  const [accessKeyId, secret, token] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((name) =>
    element === undefined ? "" : xmlText(element, name),
  );
  if (element === undefined || !accessKeyId || !secret || !token) {
    throw new AwsError(`the answer to ${action} holds no credentials`);
  }
  const expiresAt = Date.parse(xmlText(element, "Expiration"));
  return {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    sessionToken: new Secret(token),
    ...(!Number.isNaN(expiresAt) && { expiresAt }),
  };
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new AwsError(`cannot read the web identity token: ${(error as Error).message}`);
  }
}
