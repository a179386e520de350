import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { inspectQueues, queueFoldersIn, readFrame } from "../../agent/queue-report.ts";
import { describeError } from "../../lib/errors.ts";
import type { Terminal } from "../terminal.ts";
import { renderFrame, renderQueue, renderStreams } from "./queue-report.ts";

interface QueueOptions {
  readonly frame?: number;
  readonly frames: boolean;
  readonly json: boolean;
}

export function addQueue(tools: Command, terminal: Terminal, finish: (code: number) => void): void {
  tools
    .command("queue")
    .summary("look at a queue on disk")
    .description(
      "Lists the segments, frames and cursors of a queue on disk, and what is damaged in it. Nothing is changed, and the\n" +
        "agent may work on it meanwhile. The folder is the component's, below storage.path.\n" +
        "Exit code 1 when something is damaged.",
    )
    .argument("<DIR>", "the folder, such as /var/lib/sonde/prometheus.remote_write.central")
    .option("--frames", "list each frame, too", false)
    .option("--frame <SEQUENCE>", "print what is in this frame of the queue in DIR", parseSequence)
    .option("--json", "print JSON", false)
    .action(async (folder: string, options: QueueOptions) => finish(await queue(resolve(folder), options, terminal)));
}

async function queue(folder: string, { frame, frames, json }: QueueOptions, terminal: Terminal): Promise<number> {
  try {
    return frame === undefined
      ? await list(folder, { frames, json }, terminal)
      : await dump(folder, frame, json, terminal);
  } catch (error) {
    terminal.err(`error: cannot read ${folder}: ${describeError(error)}\n`);
    return 1;
  }
}

async function list(
  folder: string,
  { frames, json }: { frames: boolean; json: boolean },
  terminal: Terminal,
): Promise<number> {
  const queues = await inspectQueues(folder);
  if (queues.length === 0) {
    const below = await queueFoldersIn(folder);
    const hint =
      below.length === 0 ? "" : `; say one of those below it:\n${below.map((each) => `  ${each}\n`).join("")}`;
    terminal.err(`error: there is no queue in ${folder}${hint === "" ? "\n" : hint}`);
    return 1;
  }
  if (json) terminal.out(`${JSON.stringify(queues, null, 2)}\n`);
  else terminal.out(queues.map((each) => renderQueue(each, frames)).join("\n"));
  const isWhole = queues.every(({ format, segments, cursors }) => {
    const isSegmentWhole = segments.every(({ header, isDamaged }) => header === "good" && !isDamaged);
    return format === "good" && isSegmentWhole && cursors.every(({ position }) => position !== "damaged");
  });
  return isWhole ? 0 : 1;
}

async function dump(folder: string, sequence: number, json: boolean, terminal: Terminal): Promise<number> {
  const content = await readFrame(folder, sequence);
  if (content === undefined || "unreadable" in content) {
    const why = content === undefined ? "is not there" : `holds neither samples nor logs: ${content.unreadable}`;
    terminal.err(`error: frame ${sequence} of ${folder} ${why}\n`);
    return 1;
  }
  const list = "series" in content ? content.series : content.streams;
  if (json) terminal.out(`${JSON.stringify(list, null, 2)}\n`);
  else terminal.out("series" in content ? renderFrame(content.series) : renderStreams(content.tenant, content.streams));
  return 0;
}

function parseSequence(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError("Write the number of a frame.");
  return Number(text);
}
