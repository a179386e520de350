import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { systemClock } from "../lib/clock.ts";
import type { Terminal } from "./terminal.ts";

const name = "node-exporter";

/**
 * The flags are node_exporter's, and so are the rules by which they are read: they are taken from the command line as it
 * was given, because commander has rules of its own.
 */
export function addNodeExporter(
  program: Command,
  terminal: Terminal,
  finish: (code: number) => void,
  argv: readonly string[],
): void {
  program
    .command(name)
    .summary("run as node_exporter, with its flags")
    .description("Runs as node_exporter: its flags, its page, its exit codes.")
    .argument("[FLAGS...]", "the flags of node_exporter; --help lists them")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async () => finish(await nodeExporter(argv.slice(argv.indexOf(name) + 1), terminal)));
}

async function nodeExporter(argv: readonly string[], terminal: Terminal): Promise<number> {
  // Loaded late: no other command needs it.
  const { readNodeExporterFlags } = await import("../agent/node-exporter/command-line.ts");
  const reading = readNodeExporterFlags(argv, (path) => readFileSync(path, "utf8"));
  if (reading.kind === "print") {
    terminal.out(reading.text);
    return 0;
  }
  if (reading.kind === "refuse") {
    terminal.err(reading.text);
    return reading.code;
  }
  const { runNodeExporter } = await import("../agent/node-exporter/node-exporter.ts");
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const options = {
    settings: reading.settings,
    clock: systemClock,
    random: Math.random,
    env: process.env,
    pid: process.pid,
    isRoot: process.getuid?.() === 0,
    writeLog: (line: string) => terminal.err(`${line}\n`),
  };
  return runNodeExporter(options, stop.signal).finally(() => {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  });
}
