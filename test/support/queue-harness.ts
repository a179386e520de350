import { DiskQueue, type QueueSettings } from "../../src/engines/queue/disk-queue.ts";
import type { QueueReader } from "../../src/engines/queue/queue.ts";
import type { Disk } from "../../src/lib/disk.ts";
import { FakeClock } from "./fake-clock.ts";

/** Peeks with it do not wait. */
export const now = AbortSignal.abort();

const roomy: QueueSettings = { maxBytes: 2 ** 20, maxAgeMs: 3_600_000, minFree: 0, sync: "interval" };

/** A queue in the folder that runs, with readers of these names, and a record of what it says. */
export function openQueue(disk: Disk, folder: string, names: readonly string[], settings: Partial<QueueSettings> = {}) {
  const clock = new FakeClock();
  const drops: string[] = [];
  const troubles: (string | undefined)[] = [];
  const damaged: string[] = [];
  const readFailures: unknown[] = [];
  const queue = new DiskQueue({
    ...roomy,
    ...settings,
    disk,
    folder,
    clock,
    random: () => 0.5,
    onDrop: (reader, reason, records) => drops.push(`${reader} ${reason} ${records}`),
    onTrouble: (reason) => troubles.push(reason),
    onDamage: (path) => damaged.push(path.slice(path.lastIndexOf("/") + 1)),
    onReadFailure: (error) => readFailures.push(error),
  });
  for (const name of names) queue.reader(name);
  queue.keepReaders(new Set(names));
  queue.start();
  return {
    queue,
    clock,
    drops,
    troubles,
    damaged,
    readFailures,
    append: (...texts: string[]) => Promise.all(texts.map((text) => queue.append(blockOf(text)))),
    [Symbol.asyncDispose]: () => queue.close(1000),
  };
}

/** As many records as the text has letters. */
function blockOf(text: string) {
  return { payload: Buffer.from(text), records: text.length, minTimestamp: 1, maxTimestamp: 2 };
}

/** What the reader gets next, acknowledged; undefined when there is nothing. */
export async function take(reader: QueueReader): Promise<string | undefined> {
  const block = await reader.peek(now);
  if (block !== undefined) reader.ack(block.sequence);
  return block && Buffer.from(block.payload).toString();
}

export async function drain(reader: QueueReader): Promise<string[]> {
  const texts: string[] = [];
  for (let text = await take(reader); text !== undefined; text = await take(reader)) texts.push(text);
  return texts;
}
