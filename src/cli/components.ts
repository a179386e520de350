import type { Command } from "commander";
import type { Component } from "../component.ts";
import { components } from "../components/index.ts";
import { componentReference } from "../config/reference-docs.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { Terminal } from "./terminal.ts";

export function addComponents(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("components")
    .summary("list the components, or explain one")
    .description("Lists the components; with a TYPE, prints what it does, its arguments and its self-metrics.")
    .argument("[TYPE]", "a component type, such as prometheus.scrape")
    .action((type: string | undefined) => finish(type === undefined ? list(terminal) : explain(type, terminal)));
}

function list(terminal: Terminal): number {
  const width = Math.max(...components.map(({ type }) => type.length));
  for (const component of components) {
    terminal.out(`${component.type.padEnd(width)}  ${signals(component).padEnd(18)}  ${component.summary}\n`);
  }
  return 0;
}

function signals({ accepts, emits }: Component): string {
  return [accepts ?? "", emits ?? ""].join(" -> ").trim();
}

function explain(type: string, terminal: Terminal): number {
  const component = components.find((other) => other.type === type);
  if (component !== undefined) {
    terminal.out(componentReference(component));
    return 0;
  }
  terminal.err(
    `there is no component type \`${type}\`${didYouMean(
      type,
      components.map((other) => other.type),
    )}\n`,
  );
  return 1;
}
