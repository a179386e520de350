import { mkdtempDisposable, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskQueue } from "../../src/engines/queue/disk-queue.ts";
import type { SyncPolicy } from "../../src/engines/queue/queue.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import type { BenchRow } from "./row.ts";

const samples = 2000;
/** A request of 2000 samples, as bench/micro/encode.ts has it. */
const blockBytes = 30_000;
const blocks = 2000;

/** A block on its way through the queue: appended, read from memory, acknowledged. */
export async function bench(): Promise<BenchRow[]> {
  return [await row("os"), await row("interval"), await row("always")];
}

async function row(sync: SyncPolicy): Promise<BenchRow> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "sonde-bench-"));
  const queue = new DiskQueue({
    disk: realDisk,
    folder: folder.path,
    clock: systemClock,
    random: Math.random,
    maxBytes: 2 ** 30,
    maxAgeMs: 86_400_000,
    minFree: 0,
    sync,
    onDrop: () => {},
    onTrouble: () => {},
    onDamage: () => {},
    onReadFailure: () => {},
  });
  const reader = queue.reader("sink");
  queue.start();
  const payload = new Uint8Array(blockBytes).fill(7);
  await queue.append({ payload, records: samples, minTimestamp: 0, maxTimestamp: 0 });
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const count = sync === "always" ? blocks / 10 : blocks;
  for (let at = 0; at < count; at++) {
    await queue.append({ payload, records: samples, minTimestamp: 0, maxTimestamp: 0 });
    const block = await reader.peek(new AbortController().signal);
    if (block !== undefined) reader.ack(block.sequence);
  }
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const written = await bytesIn(folder.path, queue.segments);
  await queue.close(10_000);
  const note = [
    `${((elapsed * 1e6) / count).toFixed(0)} ns/block`,
    `${((user + system) / count).toFixed(0)} us of CPU`,
    `${(written / samples).toFixed(2)} bytes/sample`,
  ];
  return { stage: `queue: sync ${sync}`, nsPerSample: (elapsed * 1e6) / (count * samples), note: note.join(", ") };
}

/** Of one block, from the segment that is being written. */
async function bytesIn(folder: string, segments: number): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".seg")).sort();
  if (names.length === 0 || segments === 0) return 0;
  const { size } = await stat(join(folder, names.at(-1) ?? ""));
  const perBlock = 64 + Math.ceil(blockBytes / 8) * 8;
  return (size - 96) / Math.max(1, Math.round((size - 96) / perBlock));
}
