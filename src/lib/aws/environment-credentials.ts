import type { Environment } from "../proxy.ts";
import { Secret } from "../secret.ts";
import type { AwsCredentials } from "./sigv4.ts";

/** The keys in the environment; undefined when they are not both there. */
export function environmentCredentials(env: Environment): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (!id || !secret) return undefined;
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token && { sessionToken: new Secret(token) }),
  };
}
