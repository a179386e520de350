import { Command, CommanderError } from "commander";
import { version } from "../lib/version.ts";
import { addCheck } from "./check.ts";
import { addComponents } from "./components.ts";
import { addConvert } from "./convert.ts";
import { addNodeExporter } from "./node-exporter.ts";
import { addReload } from "./reload.ts";
import { addRun } from "./run.ts";
import { addSchema } from "./schema.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { addTest } from "./test.ts";
import { addTools } from "./tools.ts";

/** Exit codes: 0 done; 1 the config, the start or the reload failed; 2 the command line is wrong. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let code = 0;
  const finish = (result: number) => {
    code = result;
  };
  const program = createProgram(argv, terminal, finish);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return code;
}

function createProgram(argv: readonly string[], terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command("sonde")
    .description("One small agent per VM: host metrics, scrapes and logs, shipped to Prometheus and Loki.")
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError("Run `sonde --help` to see what there is.")
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText(
      "after",
      `
Examples:
  sonde check /etc/sonde                 find every mistake in a config, without running it
  sonde run configs/quickstart.yaml      host metrics of this machine on http://127.0.0.1:9100/metrics
  sonde reload                           make the running agent read its config again
  sonde convert --from promtail FILE     what the config of another agent is in Sonde
  sonde components prometheus.scrape     what a component does, and its arguments
  sonde tools scrape localhost:9100      what a page of metrics holds, or what is wrong with it`,
    );
  for (const add of [addRun, addCheck, addReload, addConvert, addComponents, addSchema, addTest, addTools])
    add(program, terminal, finish);
  for (const command of program.commands)
    command.helpOption("--help", "print this help").copyInheritedSettings(program);
  addNodeExporter(program, terminal, finish, argv);
  return program;
}
