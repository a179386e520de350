import { join } from "node:path";
import { type InspectedQueue, inspectQueue } from "../engines/queue/inspect.ts";
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

/** What a frame holds; a message where it holds nothing that can be read as remote write. */
export type FrameContent = { readonly series: readonly DescribedSeries[] } | { readonly unreadable: string };

/** The whole frame with this sequence in the queue of this very folder. */
export async function readFrame(folder: string, sequence: number): Promise<FrameContent | undefined> {
  let content: FrameContent | undefined;
  await inspectQueue(realDisk, folder, (frame) => {
    if (frame.sequence !== sequence) return;
    try {
      content = { series: describeBlock(frame.payload, messageOfKind(frame.kind)) };
    } catch (error) {
      content = { unreadable: error instanceof Error ? error.message : String(error) };
    }
  });
  return content;
}
