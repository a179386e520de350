import type { Command } from "commander";
import { Option } from "commander";
import { checkConfig } from "../agent/check.ts";
import { diffTargets } from "../agent/diff-targets.ts";
import { loadAnyConfig } from "../agent/load.ts";
import { components } from "../components/index.ts";
import { diagnosticsToJson, renderDiagnostics } from "../config/render.ts";
import { defaultConfigPath, processEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";

interface CheckOptions {
  readonly format: "text" | "json";
  readonly bypassErrors?: true;
  readonly diffTargets?: string;
}

export function addCheck(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("check")
    .summary("find every mistake in a config")
    .description("Finds every mistake in a config without running it. Exit code 1 when there is one.")
    .argument(
      "[PATH]",
      "the config: a file, a folder whose *.yaml and conf.d/*.yaml are merged, or another agent's: a prometheus.yml, a promtail.yml, a *.alloy",
      defaultConfigPath,
    )
    .addOption(new Option("--format <FORMAT>", "how mistakes are printed").choices(["text", "json"]).default("text"))
    .option("--bypass-errors", "of another agent's config, leave out what has no equal")
    .option(
      "--diff-targets <OLD>",
      "also compare what OLD scrapes, a config of Sonde's or another agent's; exit code 1 where it differs",
    )
    .action((path: string, options: CheckOptions) => finish(check(path, options, terminal)));
}

function check(path: string, { format, bypassErrors, diffTargets: old }: CheckOptions, terminal: Terminal): number {
  const { diagnostics, components: count } = checkConfig(path, components, processEnvironment(), bypassErrors);
  if (format === "json") terminal.out(`${JSON.stringify(diagnosticsToJson(diagnostics), null, 2)}\n`);
  else if (diagnostics.length > 0) terminal.err(`${renderDiagnostics(diagnostics, { color: terminal.color })}\n`);
  else terminal.out(`${path} is valid: ${count} components.\n`);
  if (diagnostics.length > 0) return 1;
  return old === undefined ? 0 : compare(old, path, terminal);
}

/** What another agent's config has besides its targets is not the question here. */
function compare(old: string, path: string, terminal: Terminal): number {
  const [before, after] = [old, path].map((each) => loadAnyConfig(each, components, processEnvironment(), true));
  if (before?.ok !== true || after?.ok !== true) {
    const diagnostics = [before, after].flatMap((loaded) => (loaded?.ok === false ? loaded.diagnostics : []));
    terminal.err(`${renderDiagnostics(diagnostics, { color: terminal.color })}\n`);
    return 1;
  }
  const { isSame, text } = diffTargets(before.config, after.config);
  terminal.out(`${text}\n`);
  return isSame ? 0 : 1;
}
