import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { HttpRequest, HttpResponse } from "../http-message.ts";
import type { Environment } from "../proxy.ts";
import { type Profile, parseProfiles } from "./profile.ts";

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** What the credentials and the region of a machine are found in. */
export interface AwsSurroundings {
  /** To the services of AWS, by proxy and certificates as configured. */
  readonly send: Send;
  /** To the metadata service of the machine, which is never behind a proxy. */
  readonly sendLocally: Send;
  readonly clock: Clock;
  readonly env: Environment;
}

/** What cannot work until somebody changes something. One line, no secrets. */
export class AwsError extends Error {}

/** The shared files, read each time: whoever rotates a key there does not restart us. */
export async function readProfiles(env: Environment): Promise<ReadonlyMap<string, Profile>> {
  const folder = join(env.HOME ?? homedir(), ".aws");
  const [config, credentials] = await Promise.all([
    readIfThere(env.AWS_CONFIG_FILE || join(folder, "config")),
    readIfThere(env.AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials")),
  ]);
  return parseProfiles(config, credentials);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw new AwsError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

/** Answers of the services that hand out credentials are short. */
export const answerLimit = 1024 * 1024;
