import { join } from "node:path";
import { type InspectedQueue, inspectQueue } from "../engines/queue/inspect.ts";
import { type DescribedStream, describeStreams } from "../formats/loki-push/describe.ts";
import { logBlockKind, readLogBlock, readRequest } from "../formats/loki-push/log-block.ts";
import { type DescribedSeries, describeBlock } from "../formats/remote-write/describe.ts";
import { messageOfKind } from "../formats/remote-write/message-kinds.ts";
import { realDisk } from "../lib/disk-real.ts";

export type { InspectedCursor, InspectedQueue, InspectedSegment } from "../engines/queue/inspect.ts";

/** The queues of a component's folder: its own, and those below it that belong to shards and to endpoints. */
export async function inspectQueues(folder: string): Promise<InspectedQueue[]> {
  const names = [...(await realDisk.list(folder))].sort();
  const own = names.includes("FORMAT") || names.some((name) => name.endsWith(".seg"));
  const queues = own ? [await inspectQueue(realDisk, folder)] : [];
  for (const name of names.filter((each) => /^(endpoint\.|shard-[0-9]+-of-[0-9]+$)/.test(each))) {
    queues.push(...(await inspectQueues(join(folder, name))));
  }
  return queues;
}

/** What frames of this kind hold, for people. */
export function describeKind(kind = 1): string {
  if (kind === logBlockKind) return "logs";
  return messageOfKind(kind) === "prometheus.WriteRequest" ? "remote write 1.0" : "remote write 2.0";
}

/** The folders of queues right below this one: it is the agent's, and not a component's. */
export async function queueFoldersIn(folder: string): Promise<string[]> {
  const holdsQueue = async (name: string) =>
    (await realDisk.list(join(folder, name)).catch(() => [])).some((each) => each === "FORMAT" || /^shard-/.test(each));
  const names = [...(await realDisk.list(folder))].sort();
  const found = await Promise.all(names.map(holdsQueue));
  return names.filter((_, at) => found[at]).map((name) => join(folder, name));
}

/** What a frame holds; a message where it holds nothing that can be read. */
export type FrameContent =
  | { readonly series: readonly DescribedSeries[] }
  | { readonly tenant: string; readonly streams: readonly DescribedStream[] }
  | { readonly unreadable: string };

/** The whole frame with this sequence in the queue of this very folder. */
export async function readFrame(folder: string, sequence: number): Promise<FrameContent | undefined> {
  let content: FrameContent | undefined;
  await inspectQueue(realDisk, folder, (frame) => {
    if (frame.sequence !== sequence) return;
    try {
      content = frame.kind === logBlockKind ? logContent(frame.payload) : metricContent(frame);
    } catch (error) {
      content = { unreadable: error instanceof Error ? error.message : String(error) };
    }
  });
  return content;
}

function logContent(payload: Uint8Array): FrameContent {
  const { tenant, request } = readLogBlock(payload);
  return { tenant, streams: describeStreams(readRequest(request)) };
}

function metricContent({ payload, kind }: { readonly payload: Uint8Array; readonly kind?: number }): FrameContent {
  return { series: describeBlock(payload, messageOfKind(kind)) };
}
