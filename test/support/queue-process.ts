import { flushCompileCache } from "node:module";
import { DiskQueue } from "../../src/engines/queue/disk-queue.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { realDisk } from "../../src/lib/disk-real.ts";

/**
 * A process with a queue, to be killed: `node queue-process.ts FOLDER FIRST`. It appends numbers from FIRST on and says
 * `accepted N` once the queue has one, and reads them and says `delivered N` before it acknowledges one. Its output is
 * a pipe, so that what it has said is never lost.
 */
// What is killed does not keep what it has compiled, unless it does so at once.
flushCompileCache();

const [, , folder = "", first = "0"] = process.argv;

const queue = new DiskQueue({
  disk: realDisk,
  folder,
  clock: systemClock,
  random: Math.random,
  maxBytes: 2 ** 30,
  maxAgeMs: 86_400_000,
  minFree: 0,
  sync: "interval",
  onDrop: (_, reason, records) => say(`dropped ${reason} ${records}`),
  onTrouble: (reason) => say(`trouble ${reason}`),
  onDamage: (path) => say(`damaged ${path}`),
  onReadFailure: (error) => say(`cannot read ${error}`),
});
const reader = queue.reader("sink");
queue.keepReaders(new Set(["sink"]));
queue.start();
await Promise.all([produce(Number(first)), consume()]);

async function produce(from: number): Promise<never> {
  for (let number = from; ; number++) {
    await queue.append({ payload: Buffer.from(String(number)), records: 1, minTimestamp: 0, maxTimestamp: 0 });
    say(`accepted ${number}`);
  }
}

/** Takes two of three, so that the backlog grows. */
async function consume(): Promise<never> {
  const never = new AbortController().signal;
  for (let turn = 0; ; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 3 === 0) continue;
    const block = await reader.peek(never);
    if (block === undefined) continue;
    say(`delivered ${Buffer.from(block.payload)}`);
    reader.ack(block.sequence);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
