import type { Secret } from "../secret.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { containerCredentials, isInContainer } from "./container.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import { InstanceMetadata } from "./imds.ts";
import { profileCredentials } from "./profile-credentials.ts";
import type { AwsCredentials } from "./sigv4.ts";
import { assumeRole, assumeRoleWithWebIdentity, type StsPlace } from "./sts.ts";
import { AwsError, type AwsSurroundings, readProfiles } from "./surroundings.ts";

export interface CredentialOptions {
  /** Both keys or none. Instead of whatever else the machine has. */
  readonly accessKey?: string;
  readonly secretKey?: Secret;
  /** In the shared files; instead of what the environment says. */
  readonly profile?: string;
  /** Assumed with the credentials that are found. */
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sts: StsPlace;
}

/** Credentials a little older than this are renewed before they are used. */
const earlyMs = 5 * 60_000;

/**
 * The credentials of a component: got when they are needed, kept until shortly before they expire, and got once for all
 * who wait for them. Where renewing fails, those that still hold are used.
 */
export class CredentialSource {
  readonly #options: CredentialOptions;
  readonly #surroundings: AwsSurroundings;
  readonly #metadata: InstanceMetadata;
  #known: AwsCredentials | undefined;
  #asking: Promise<AwsCredentials> | undefined;

  constructor(options: CredentialOptions, surroundings: AwsSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#metadata = new InstanceMetadata(surroundings);
  }

  /** Rejects with an AwsError or an HttpError that says which way was tried. */
  async get(signal: AbortSignal): Promise<AwsCredentials> {
    const known = this.#known;
    if (known !== undefined && this.#holdsFor(known, earlyMs)) return known;
    this.#asking ??= this.#find().finally(() => {
      this.#asking = undefined;
    });
    try {
      return await unlessAborted(this.#asking, signal);
    } catch (error) {
      if (known !== undefined && this.#holdsFor(known, 0) && !signal.aborted) return known;
      throw error;
    }
  }

  /** The service refused them: the next call looks again. */
  forget(): void {
    this.#known = undefined;
  }

  #holdsFor({ expiresAt = Number.POSITIVE_INFINITY }: AwsCredentials, ms: number): boolean {
    return this.#surroundings.clock.now() + ms < expiresAt;
  }

  /** Every step has a time limit of its own; whoever asked first may have gone meanwhile. */
  async #find(): Promise<AwsCredentials> {
    const { roleArn, externalId, sts } = this.#options;
    const { signal } = new AbortController();
    const found = await this.#base(signal);
    const role = roleArn && { arn: roleArn, ...(externalId !== undefined && { externalId }) };
    this.#known = role ? await assumeRole(role, found, sts, this.#surroundings, signal) : found;
    return this.#known;
  }

  /** In the order of the AWS SDKs. */
  async #base(signal: AbortSignal): Promise<AwsCredentials> {
    const { accessKey, secretKey, profile, sts } = this.#options;
    const { env } = this.#surroundings;
    if (accessKey !== undefined && secretKey !== undefined) {
      return { accessKeyId: accessKey, secretAccessKey: secretKey };
    }
    const others = { sts, surroundings: this.#surroundings, metadata: this.#metadata, signal };
    const profiles = await readProfiles(env);
    if (profile !== undefined) return profileCredentials(profile, profiles, others);

    const fromEnv = environmentCredentials(env);
    if (fromEnv !== undefined) return fromEnv;
    const { AWS_ROLE_ARN: arn, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_SESSION_NAME: sessionName } = env;
    if (arn && tokenFile) {
      const role = { arn, ...(sessionName && { sessionName }) };
      return assumeRoleWithWebIdentity(role, tokenFile, sts, this.#surroundings, signal);
    }
    const named = env.AWS_PROFILE || "default";
    if (env.AWS_PROFILE || hasCredentials(profiles.get(named))) return profileCredentials(named, profiles, others);
    if (isInContainer(env)) return containerCredentials(this.#surroundings, signal);
    return this.#instanceCredentials(signal);
  }

  async #instanceCredentials(signal: AbortSignal): Promise<AwsCredentials> {
    try {
      return await this.#metadata.credentials(signal);
    } catch (error) {
      throw new AwsError(
        `no AWS credentials: none in the config, the environment or the shared files, and ${(error as Error).message}`,
      );
    }
  }
}

/** The region that a config leaves open: that of the environment, of the profile, of the instance. */
export async function findRegion(
  profile: string | undefined,
  surroundings: AwsSurroundings,
  signal: AbortSignal,
): Promise<string> {
  const { env } = surroundings;
  const fromEnv = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (fromEnv) return fromEnv;
  const profiles = await readProfiles(env);
  const fromProfile = profiles.get(profile ?? (env.AWS_PROFILE || "default"))?.region;
  if (fromProfile) return fromProfile;
  try {
    return await new InstanceMetadata(surroundings).region(signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new AwsError(
      `no AWS region: none in the config, the environment or the shared files, and ${(error as Error).message}`,
    );
  }
}

function hasCredentials(profile: Readonly<Record<string, string>> | undefined): boolean {
  return profile !== undefined && credentialKeys.some((key) => profile[key] !== undefined);
}

const credentialKeys = ["aws_access_key_id", "role_arn", "credential_process", "sso_session", "sso_start_url"];
