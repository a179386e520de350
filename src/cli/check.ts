import type { Command } from "commander";
import { Option } from "commander";
import { checkConfig } from "../agent/check.ts";
import { components } from "../components/index.ts";
import { diagnosticsToJson, renderDiagnostics } from "../config/render.ts";
import { defaultConfigPath, processEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";

interface CheckOptions {
  readonly format: "text" | "json";
  readonly bypassErrors?: true;
}

export function addCheck(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("check")
    .summary("find every mistake in a config")
    .description("Finds every mistake in a config without running it. Exit code 1 when there is one.")
    .argument(
      "[PATH]",
      "the config: a file, a folder whose *.yaml and conf.d/*.yaml are merged, or another agent's: a prometheus.yml, a *.alloy",
      defaultConfigPath,
    )
    .addOption(new Option("--format <FORMAT>", "how mistakes are printed").choices(["text", "json"]).default("text"))
    .option("--bypass-errors", "of another agent's config, leave out what has no equal")
    .action((path: string, options: CheckOptions) => finish(check(path, options, terminal)));
}

function check(path: string, { format, bypassErrors }: CheckOptions, terminal: Terminal): number {
  const { diagnostics, components: count } = checkConfig(path, components, processEnvironment(), bypassErrors);
  if (format === "json") terminal.out(`${JSON.stringify(diagnosticsToJson(diagnostics), null, 2)}\n`);
  else if (diagnostics.length > 0) terminal.err(`${renderDiagnostics(diagnostics, { color: terminal.color })}\n`);
  else terminal.out(`${path} is valid: ${count} components.\n`);
  return diagnostics.length > 0 ? 1 : 0;
}
