import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Command, InvalidArgumentError, Option } from "commander";
import { findComponent } from "../../agent/component-rules.ts";
import { type LogPipeline, logPipelineOf } from "../../agent/log-pipeline.ts";
import { components } from "../../components/index.ts";
import { renderDiagnostics } from "../../config/render.ts";
import { systemClock } from "../../lib/clock.ts";
import { processEnvironment } from "../environment.ts";
import type { Terminal } from "../terminal.ts";
import { renderRun } from "./process-report.ts";

type LabelRecord = Readonly<Record<string, string>>;

export function addProcess(tools: Command, terminal: Terminal, finish: (code: number) => void): void {
  tools
    .command("process")
    .summary("see what the stages of a loki.process do to lines")
    .description(
      "Reads log lines from standard input, takes them through the stages of a loki.process, and tells what each stage\n" +
        "changed: the line, the time, labels, extracted values and metadata. Nothing is sent.",
    )
    .argument("<CONFIG>", "the config: a file, or a folder whose *.yaml files are merged")
    .argument("<ID>", "the component, such as loki.process.nginx")
    .addOption(
      new Option("--label <NAME=VALUE>", "a label that the lines come with; may be repeated")
        .argParser(addLabel)
        .default({}, "none"),
    )
    .action(async (path: string, id: string, { label }: { readonly label: LabelRecord }) => {
      const component = findComponent(path, id, components, processEnvironment());
      const found = component.ok ? logPipelineOf(component.component, world) : component;
      if (found.ok) finish(await processInput(found.pipeline, label, process.stdin, terminal));
      else {
        terminal.err(`${renderDiagnostics(found.diagnostics, { color: terminal.color })}\n`);
        finish(1);
      }
    });
}

const world = { clock: systemClock, random: Math.random };

async function processInput(
  pipeline: LogPipeline,
  labels: LabelRecord,
  input: Readable,
  terminal: Terminal,
): Promise<number> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    terminal.out(renderRun(`line ${number}: ${line}`, pipeline.process({ line, labels })));
  }
  const rest = pipeline.end();
  if (rest.entries.length > 0 || rest.reports.length > 0) terminal.out(renderRun("end of the input", rest));
  return 0;
}

function addLabel(text: string, labels: LabelRecord): LabelRecord {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Write NAME=VALUE.");
  return { ...labels, [name]: value };
}
