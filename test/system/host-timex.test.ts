import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { exposedPage, sonde, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const expose = `
prometheus.expose.host:
  targets: [prometheus.exporter.unix.host]
  listen_address: 127.0.0.1:0
`;
const onlyTimex = `prometheus.exporter.unix.host:\n  set_collectors: [timex]\n${expose}`;
const onlyTime = `prometheus.exporter.unix.host:\n  set_collectors: [time]\n${expose}`;

/** Processes that this one started and that still live. */
function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(/\s+/)
    .filter((child) => child !== "");
}

/** An agent that has been asked for the clock's state once, and the process that helped it. */
async function askedAgent(path: string) {
  writeFileSync(path, onlyTimex);
  const agent = await startSonde(path);
  expect(childrenOf(agent.process.pid)).toEqual([]);
  const page = await (await fetch(await exposedPage(agent, "prometheus.expose.host"))).text();
  expect(page).toContain("node_timex_tick_seconds 0.01");
  const [helper, ...others] = childrenOf(agent.process.pid);
  expect(others).toEqual([]);
  return { agent, helper: `/proc/${helper}` };
}

test("the helper of timex starts with the first scrape, stays, and ends with an agent that is killed", async () => {
  using dir = tempDir();
  const { agent, helper } = await askedAgent(join(dir.path, "sonde.yaml"));
  await using _ = agent;
  await fetch(await exposedPage(agent, "prometheus.expose.host"));
  expect(childrenOf(agent.process.pid).map((child) => `/proc/${child}`)).toEqual([helper]);
  agent.process.kill("SIGKILL");
  await agent.process.exited;
  await eventually(() => expect(existsSync(helper)).toBe(false));
});

test("it ends with its exporter when a reload takes timex away", async () => {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  const { agent, helper } = await askedAgent(path);
  await using _ = agent;
  writeFileSync(path, onlyTime);
  expect(await sonde(["reload", "--http.listen-address", new URL(agent.url).host]).exited).toMatchObject({ code: 0 });
  await eventually(() => expect(existsSync(helper)).toBe(false));
});
