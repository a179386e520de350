import { write } from "node:fs";
import { hostname } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { Agent } from "../agent/agent.ts";
import { ServiceManager } from "../agent/service-manager.ts";
import { components } from "../components/index.ts";
import { listenAddress } from "../config/fields.ts";
import { systemClock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import { processHeap, tidyHeap } from "../lib/tidy-heap.ts";
import { banner } from "./banner.ts";
import { defaultConfigPath, defaultListenAddress, processEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";

interface RunOptions {
  readonly "storage.path"?: string;
  readonly bypassErrors?: true;
  readonly "http.listenAddress"?: { readonly host: string; readonly port: number };
}

export function addRun(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("run")
    .summary("run the agent until SIGINT or SIGTERM")
    .description("Runs the agent until SIGINT (Ctrl-C) or SIGTERM. SIGHUP makes it read its config again.")
    .argument(
      "[PATH]",
      "the config: a file, a folder whose *.yaml and conf.d/*.yaml are merged, or another agent's: a prometheus.yml, a promtail.yml, a *.alloy",
      defaultConfigPath,
    )
    .option("--storage.path <DIR>", "where the agent keeps its state; overrides storage.path of the config")
    .option(
      "--http.listen-address <ADDRESS>",
      `where the agent answers; overrides http.listen_address of the config (${defaultListenAddress})`,
      parseAddress,
    )
    .option("--bypass-errors", "run another agent's config although some of it has no equal")
    .action(async (path: string, options: RunOptions) => finish(await run(path, options, terminal)));
}

async function run(path: string, options: RunOptions, terminal: Terminal): Promise<number> {
  const agent = new Agent({
    path,
    bypassErrors: options.bypassErrors,
    storagePath: options["storage.path"],
    listenAddress: options["http.listenAddress"],
    manifest: components,
    environment: processEnvironment(),
    clock: systemClock,
    random: Math.random,
    hostname: hostname(),
    writeLog: (line) => terminal.err(`${line}\n`),
  });
  const signals = listenForSignals(agent);
  const outcome = await agent.start();
  if (!outcome.ok) {
    signals.close();
    terminal.err(`${outcome.text}\n`);
    return 1;
  }
  const systemd = serviceManager(terminal);
  systemd.ready();
  // The journal has the log; the banner is for a person who has just started the agent.
  if (process.env.JOURNAL_STREAM === undefined) terminal.out(banner(agent, path));
  const endTidying = tidyHeap(systemClock, processHeap());
  await signals.stop;
  endTidying();
  systemd.stopping();
  await agent.stop();
  systemd.close();
  signals.close();
  return 0;
}

function serviceManager(terminal: Terminal): ServiceManager {
  return new ServiceManager({
    env: process.env,
    pid: process.pid,
    clock: systemClock,
    write: (descriptor, text, done) => write(descriptor, text, done),
    onFailure: (error) => terminal.err(`cannot tell systemd how the agent is: ${describeError(error)}\n`),
  });
}

/** SIGHUP reloads; the first SIGINT or SIGTERM stops, a second one ends the process at once. */
function listenForSignals(agent: Agent): { readonly stop: Promise<void>; close(): void } {
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  let stopping = false;
  const onStop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    resolve();
  };
  // A refused config is logged by the agent. Anything else is a bug, and ends the process as an unhandled rejection.
  const onReload = () => void agent.reload();
  process.on("SIGINT", onStop).on("SIGTERM", onStop).on("SIGHUP", onReload);
  const close = () => {
    process.off("SIGINT", onStop).off("SIGTERM", onStop).off("SIGHUP", onReload);
  };
  return { stop, close };
}

function parseAddress(text: string): { host: string; port: number } {
  const result = listenAddress.safeParse(text);
  if (!result.success) throw new InvalidArgumentError("Write host:port or :port.");
  return result.data;
}
