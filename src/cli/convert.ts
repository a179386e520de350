import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { Option } from "commander";
import { type Origin, origins } from "../agent/convert/conversion.ts";
import { components } from "../components/index.ts";
import { mistake } from "../config/diagnostic.ts";
import { placeOf } from "../config/parse.ts";
import { renderDiagnostics } from "../config/render.ts";
import { describeError } from "../lib/errors.ts";
import type { Terminal } from "./terminal.ts";

interface ConvertOptions {
  readonly from: Origin;
  readonly bypassErrors?: true;
}

export function addConvert(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("convert")
    .summary("turn the config of another agent into one of Sonde's")
    .description(
      "Prints Sonde YAML for the config of another agent. What has no equal stands in a comment, and makes exit code 1. Of " +
        "node_exporter it reads the command line, as a unit file or /etc/default has it.",
    )
    .argument("[FILE]", "the config to convert; - or nothing is standard input", "-")
    .addOption(new Option("--from <ORIGIN>", "whose config it is").choices(origins).makeOptionMandatory())
    .option("--bypass-errors", "exit code 0 although something has no equal")
    .action(async (path: string, options: ConvertOptions) => finish(await convertFile(path, options, terminal)));
}

async function convertFile(path: string, { from, bypassErrors }: ConvertOptions, terminal: Terminal): Promise<number> {
  // Loaded late: no other command needs it.
  const { convert } = await import("../agent/convert/convert.ts");
  const { renderConverted } = await import("../agent/convert/render.ts");
  const name = path === "-" ? "standard input" : path;
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    terminal.err(`cannot read ${name}: ${describeError(error)}\n`);
    return 1;
  }
  const readFile = (file: string) => readFileSync(file, "utf8");
  const { files, diagnostics } = convert(from, name, text, { manifest: components, readFile });
  if (files.length > 0) terminal.out(renderConverted(files, name));
  const errors = files.flatMap(({ file, findings }) =>
    findings
      .filter(({ severity }) => severity === "error")
      .map(({ message, range }) => mistake(message, placeOf(file, range))),
  );
  const all = [...diagnostics, ...errors];
  if (all.length > 0) terminal.err(`${renderDiagnostics(all, { color: terminal.color })}\n`);
  return diagnostics.length > 0 || (errors.length > 0 && bypassErrors !== true) ? 1 : 0;
}
