import { flushCompileCache } from "node:module";
import { compress } from "snappyjs";
import { Endpoints } from "../../src/engines/push/endpoints.ts";
import { DiskQueue } from "../../src/engines/queue/disk-queue.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import { writeRequestV1 } from "../reference/write-messages.ts";

/**
 * A process that sends, to be killed: `node sending-process.ts FOLDER FIRST URL`. It appends requests with the numbers
 * from FIRST on, says `accepted N` once the queue has one, and delivers them to the URL meanwhile.
 */
// What is killed does not keep what it has compiled, unless it does so at once.
flushCompileCache();

const [, , folder = "", first = "0", url = ""] = process.argv;

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
const nothing = { info() {}, warn() {}, error() {}, debug() {} };
const endpoints = new Endpoints(
  [
    {
      name: "sink",
      url: new URL(url),
      headers: {},
      timeoutMs: 1000,
      minBackoffMs: 1,
      maxBackoffMs: 5,
      http: { followRedirects: true, userAgent: "sonde/test" },
      onClientError: "park",
    },
  ],
  {
    clock: systemClock,
    random: Math.random,
    log: nothing,
    sources: () => [reader],
    onAttempt() {},
    onHealth() {},
  },
);
await Promise.all([endpoints.run(new AbortController().signal, () => Promise.resolve(), 0), produce(Number(first))]);

async function produce(from: number): Promise<never> {
  for (let number = from; ; number++) {
    const bits = new BigUint64Array(Float64Array.of(number).buffer)[0] ?? 0n;
    const series = {
      labels: [["__name__", "n"] as const],
      samples: [{ bits, timestamp: 1 }],
      histograms: [],
      exemplars: [],
    };
    const payload = compress(writeRequestV1([series]));
    await queue.append({ payload, records: 1, minTimestamp: 0, maxTimestamp: 0 });
    say(`accepted ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
