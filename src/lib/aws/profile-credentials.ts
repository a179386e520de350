import { Secret } from "../secret.ts";
import { containerCredentials } from "./container.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import type { InstanceMetadata } from "./imds.ts";
import type { Profile } from "./profile.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { assumeRole, assumeRoleWithWebIdentity, type Role, type StsPlace } from "./sts.ts";
import { AwsError, type AwsSurroundings } from "./surroundings.ts";

interface Others {
  readonly sts: StsPlace;
  readonly surroundings: AwsSurroundings;
  readonly metadata: InstanceMetadata;
  readonly signal: AbortSignal;
}

/** What a profile says: keys, or a role to assume with the credentials of another profile or of the machine. */
export async function profileCredentials(
  name: string,
  profiles: ReadonlyMap<string, Profile>,
  others: Others,
  visited: readonly string[] = [],
): Promise<AwsCredentials> {
  const profile = profiles.get(name);
  if (profile === undefined) throw new AwsError(`there is no profile ${name} in the shared files of AWS`);
  const role = roleOf(name, profile);
  const isItsOwnSource = visited.includes(name);
  if (role === undefined || isItsOwnSource) {
    const keys = keysOf(profile);
    if (keys !== undefined) return keys;
    throw new AwsError(isItsOwnSource ? `profile ${name} is its own source` : unusable(name, profile));
  }
  const { sts, surroundings, signal } = others;
  const tokenFile = profile.web_identity_token_file;
  if (tokenFile !== undefined) return assumeRoleWithWebIdentity(role, tokenFile, sts, surroundings, signal);
  const base = await sourceOf(name, profile, profiles, others, visited);
  return assumeRole(role, base, sts, surroundings, signal);
}

async function sourceOf(
  name: string,
  { source_profile: source, credential_source: place }: Profile,
  profiles: ReadonlyMap<string, Profile>,
  others: Others,
  visited: readonly string[],
): Promise<AwsCredentials> {
  const { surroundings, metadata, signal } = others;
  if (source !== undefined) return profileCredentials(source, profiles, others, [...visited, name]);
  switch (place) {
    case "Ec2InstanceMetadata":
      return metadata.credentials(signal);
    case "EcsContainer":
      return containerCredentials(surroundings, signal);
    case "Environment": {
      const found = environmentCredentials(surroundings.env);
      if (found !== undefined) return found;
      throw new AwsError(`profile ${name} wants the keys of the environment, which has none`);
    }
    default:
      throw new AwsError(`profile ${name} has a role_arn, but neither source_profile nor credential_source`);
  }
}

function keysOf(profile: Profile): AwsCredentials | undefined {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile;
  if (!id || !secret) return undefined;
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token && { sessionToken: new Secret(token) }),
  };
}

function roleOf(name: string, profile: Profile): Role | undefined {
  const { role_arn: arn, external_id: externalId, role_session_name: sessionName, mfa_serial: mfa } = profile;
  if (arn === undefined) return undefined;
  if (mfa !== undefined) throw new AwsError(`profile ${name} needs somebody who types a code (mfa_serial)`);
  return { arn, ...(externalId !== undefined && { externalId }), ...(sessionName !== undefined && { sessionName }) };
}

function unusable(name: string, profile: Profile): string {
  if (profile.credential_process !== undefined) {
    return `profile ${name} gets its credentials from a program (credential_process), and Sonde starts none`;
  }
  if (profile.sso_session !== undefined || profile.sso_start_url !== undefined) {
    return `profile ${name} needs somebody who logs in (sso)`;
  }
  return `profile ${name} holds no credentials`;
}
