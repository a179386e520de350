import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Environment } from "../config/interpolate.ts";

/** The PATH that commands take when none is given. */
export const defaultConfigPath = "/etc/sonde";

/** The HTTP address of an agent that was not told another. */
export const defaultListenAddress = "127.0.0.1:12345";

/** What `${…}` in a config sees. HOSTNAME is always there: a shell has it, a service does not. */
export function processEnvironment(): Environment {
  return {
    env: { HOSTNAME: hostname(), ...process.env },
    readFile: (path) => readFileSync(path, "utf8"),
  };
}
