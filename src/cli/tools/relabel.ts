import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Command, Option } from "commander";
import { componentRules } from "../../agent/component-rules.ts";
import { type RelabelLineOptions, relabelLine } from "../../agent/relabel-lines.ts";
import { components } from "../../components/index.ts";
import { renderDiagnostics } from "../../config/render.ts";
import { processEnvironment } from "../environment.ts";
import type { Terminal } from "../terminal.ts";

interface RelabelOptions {
  readonly explain: boolean;
  readonly config?: string;
  readonly component?: string;
  readonly endpoint?: string;
}

export function addRelabel(tools: Command, terminal: Terminal, finish: (code: number) => void): void {
  const command = tools
    .command("relabel")
    .summary("try relabel rules on label sets")
    .description(
      'Reads lines of JSON, {"labels":{…},"rules":[…]} with rules as in prometheus.yml, from standard input, and prints\n' +
        'one line for each: {"labels":{…}}, {"labels":null} where a rule drops the set, or {"error":"…"}.',
    )
    .option("--explain", "say what each rule did, too", false)
    .addOption(new Option("--config <PATH>", "take the rules from this config; the lines have labels only"))
    .addOption(new Option("--component <ID>", "the component of that config whose rules they are"))
    .addOption(new Option("--endpoint <NAME>", "the endpoint, of a component that has rules for each of several"))
    .action(async (options: RelabelOptions) => {
      if ((options.config === undefined) !== (options.component === undefined)) {
        command.error("error: --config and --component go together.", { exitCode: 2, code: "sonde.options" });
      }
      finish(await relabelInput(options, process.stdin, terminal));
    });
}

async function relabelInput(options: RelabelOptions, input: Readable, terminal: Terminal): Promise<number> {
  const { config, component, endpoint, explain } = options;
  let rules: RelabelLineOptions["rules"];
  if (config !== undefined && component !== undefined) {
    const found = componentRules(config, component, endpoint, components, processEnvironment());
    if (!found.ok) {
      terminal.err(`${renderDiagnostics(found.diagnostics, { color: terminal.color })}\n`);
      return 1;
    }
    rules = found.rules;
  }
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== "") terminal.out(`${JSON.stringify(relabelLine(text, number, { rules, explain }))}\n`);
  }
  return 0;
}
