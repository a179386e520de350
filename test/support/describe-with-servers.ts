import { describe } from "vitest";
import { realServers, type ServerName } from "./servers.ts";

/**
 * `describe` for tests that need real servers: `await describeWithServers("…", ["prometheus"], () => { … })`. Where a
 * server cannot be had the tests are skipped and why is printed; in CI that is a failure instead.
 */
export async function describeWithServers(name: string, needed: readonly ServerName[], tests: () => void) {
  const servers = await realServers(needed);
  if (servers.available) return describe(name, tests);
  if (process.env.CI) throw new Error(servers.reason);
  console.warn(`skipped: ${name}: ${servers.reason}`);
  return describe.skip(name, tests);
}
