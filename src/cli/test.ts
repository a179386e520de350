import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { runTestFile } from "../agent/config-tests/run-tests.ts";
import { components } from "../components/index.ts";
import { renderDiagnostics } from "../config/render.ts";
import { processEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";

export function addTest(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("test")
    .summary("test what pipelines and relabel rules do")
    .description(
      "Runs files of tests: lines that go through the stages of a loki.process, or label sets through relabel rules, and\n" +
        "what shall come out. docs/testing-pipelines.md has the form. Exit code 1 when a test fails.",
    )
    .argument("<FILE...>", "files of tests, or folders whose *.yaml files they are")
    .action((paths: readonly string[]) => finish(runFiles(paths, terminal)));
}

function runFiles(paths: readonly string[], terminal: Terminal): number {
  let passed = 0;
  let failed = 0;
  for (const path of paths.flatMap(filesAt)) {
    terminal.out(`${path}\n`);
    const run = runTestFile(path, components, processEnvironment());
    if (!run.ok) {
      terminal.err(`${renderDiagnostics(run.diagnostics, { color: terminal.color })}\n`);
      failed++;
      continue;
    }
    for (const { name, differences } of run.results) {
      const isGood = differences.length === 0;
      if (isGood) passed++;
      else failed++;
      terminal.out(`  ${isGood ? "ok  " : "FAIL"}  ${name}\n`);
      for (const line of differences) terminal.out(`        ${line}\n`);
    }
  }
  terminal.out(`\n${passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

/** What cannot be looked at is left to whoever reads it, and says so. */
function filesAt(path: string): string[] {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) return [path];
  const names = readdirSync(path).filter((name) => /^[^.].*\.ya?ml$/.test(name));
  return names.toSorted().map((name) => join(path, name));
}
