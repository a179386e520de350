import { hostname } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { findComponent } from "../../agent/component-rules.ts";
import { discoverOnce } from "../../agent/discover-once.ts";
import { Log } from "../../agent/log.ts";
import { components } from "../../components/index.ts";
import { renderDiagnostics } from "../../config/render.ts";
import { systemClock } from "../../lib/clock.ts";
import { parseDuration } from "../../lib/duration.ts";
import { processEnvironment } from "../environment.ts";
import type { Terminal } from "../terminal.ts";

export function addDiscover(tools: Command, terminal: Terminal, finish: (code: number) => void): void {
  tools
    .command("discover")
    .summary("run a discovery once, and print its targets")
    .description(
      "Runs one discovery component of a config once and prints the labels of its targets, one line of JSON each.\n" +
        "Exit code 1 when something could not be found.",
    )
    .argument("<CONFIG>", "the config: a file, or a folder whose *.yaml files are merged")
    .argument("<ID>", "the component, such as discovery.dns.nodes")
    .addOption(
      new Option("--timeout <DURATION>", "how long to wait for targets").argParser(parseTimeout).default(30_000, "30s"),
    )
    .action(async (config: string, id: string, { timeout }: { timeout: number }) =>
      finish(await discover(config, id, timeout, terminal)),
    );
}

async function discover(config: string, id: string, timeoutMs: number, terminal: Terminal): Promise<number> {
  const found = findComponent(config, id, components, processEnvironment());
  if (!found.ok) {
    terminal.err(`${renderDiagnostics(found.diagnostics, { color: terminal.color })}\n`);
    return 1;
  }
  const { component } = found.component;
  if (component.emits !== "targets" || (component.accepts !== undefined && !component.targetsOptional)) {
    terminal.err(`error: ${id} finds no targets by itself; name a discovery.* component that does\n`);
    return 1;
  }
  const { targets, failure } = await discoverOnce(
    found.component,
    world,
    new Log(() => {}, systemClock).logger(),
    timeoutMs,
  );
  for (const labels of targets ?? []) terminal.out(`${JSON.stringify(labels)}\n`);
  if (failure !== undefined) terminal.err(`error: ${failure}\n`);
  else if (targets === undefined) terminal.err(`error: no answer within ${timeoutMs / 1000}s\n`);
  return targets === undefined || failure !== undefined ? 1 : 0;
}

const world = {
  clock: systemClock,
  random: Math.random,
  hostname: hostname(),
  gatherSelf: () => Promise.resolve([]),
  shutdownTimeoutMs: 0,
};

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError("Write a duration such as 10s or 500ms.");
  return ms;
}
