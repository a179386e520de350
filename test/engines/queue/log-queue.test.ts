import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { LogQueue, type LogQueueSettings } from "../../../src/engines/queue/log-queue.ts";
import type { QueueReader } from "../../../src/engines/queue/queue.ts";
import { readLogBlock, readRequest } from "../../../src/formats/loki-push/log-block.ts";
import type { Disk } from "../../../src/lib/disk.ts";
import { noLabels } from "../../../src/signals/labels.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { logRows } from "../../support/log-rows.ts";
import { now } from "../../support/queue-harness.ts";

function settings(endpoints: readonly string[], maxBytes = 2 ** 20): LogQueueSettings {
  return {
    endpoints,
    batching: { externalLabels: noLabels, limits: { maxBytes: 1, waitMs: 1000, maxStreams: 0 } },
    queue: { maxBytes, maxAgeMs: 3_600_000, minFree: 0, sync: "interval" },
  };
}

/** Each entry is a block of its own. */
function openLogQueue(disk: Disk, endpoints: readonly string[], maxBytes?: number) {
  const clock = new FakeClock();
  const drops: string[] = [];
  const queue = new LogQueue(settings(endpoints, maxBytes), {
    disk,
    folder: "/queue",
    clock,
    random: () => 0.5,
    onDrop: (endpoint, reason, entries) => drops.push(`${endpoint} ${reason} ${entries}`),
    onTrouble: () => {},
    onDamage: () => {},
    onReadFailure: () => {},
  });
  queue.start();
  const send = (...lines: string[]) => queue.receive(logRows({ app: "a" }, ...lines));
  return { queue, clock, drops, send };
}

async function drain(reader: QueueReader): Promise<string[]> {
  const lines: string[] = [];
  for (let block = await reader.peek(now); block !== undefined; block = await reader.peek(now)) {
    lines.push(...readRequest(readLogBlock(block.payload).request).flatMap((batch) => batch.lines));
    reader.ack(block.sequence);
  }
  return lines;
}

test("each endpoint reads everything, at its own pace and over a restart", async () => {
  const disk = new ModelDisk();
  const q = openLogQueue(disk, ["a", "b"]);
  await q.send("1", "2");
  expect(await drain(q.queue.source("a"))).toEqual(["1", "2"]);
  await q.send("3");
  expect([q.queue.backlog("a").records, q.queue.backlog("b").records]).toEqual([1, 3]);
  await q.queue.close(1000);
  const after = openLogQueue(disk, ["a", "b"]);
  await after.send("4");
  expect(await drain(after.queue.source("a"))).toEqual(["3", "4"]);
  expect(await drain(after.queue.source("b"))).toEqual(["1", "2", "3", "4"]);
});

test("when it is full its senders wait, and closing gives back what they have sent", async () => {
  const disk = new ModelDisk();
  const q = openLogQueue(disk, ["a"], 4096);
  // Snappy finds nothing to leave out in it.
  const noise = createHash("shake256", { outputLength: 3000 }).digest("base64");
  await q.send(noise);
  const outcomes: string[] = [];
  const waiting = q.send("more").catch((error) => outcomes.push(String(error.message)));
  await q.clock.advance(10_000);
  expect([q.queue.waiting, outcomes, q.drops]).toEqual([1, [], []]);
  const closing = q.queue.close(1000);
  await q.clock.advance(1000);
  await Promise.all([closing, waiting]);
  expect(outcomes).toEqual(["the queue was closed before it could hold this"]);
  await expect(q.send("late")).rejects.toThrow("closed");
});

test("a changed list of endpoints keeps those that stay where they are, and begins new ones at the end", async () => {
  const disk = new ModelDisk();
  const q = openLogQueue(disk, ["a", "gone"]);
  await q.send("1");
  q.queue.update(settings(["a", "new"]));
  await q.send("2");
  expect(await drain(q.queue.source("new"))).toEqual(["2"]);
  expect(await drain(q.queue.source("a"))).toEqual(["1", "2"]);
  await q.clock.advance(5000);
  expect((await disk.list("/queue")).filter((name) => name.startsWith("cursor."))).toEqual(["cursor.a", "cursor.new"]);
});

test("what no Loki takes is counted for each endpoint", async () => {
  const q = openLogQueue(new ModelDisk(), ["a", "b"]);
  await q.queue.receive(logRows({ app: "a", __tenant_id__: "two words" }, "1"));
  expect(q.drops).toEqual(["a invalid_tenant 1", "b invalid_tenant 1"]);
});
