import { createHash } from "node:crypto";
import { flushCompileCache } from "node:module";
import { lokiWrite } from "../../src/components/loki/write.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { logRows } from "./log-rows.ts";

/**
 * A process that sends logs by loki.write, to be killed: `node log-sending-process.ts FOLDER FIRST START URL`. The line of
 * number N has the time START ns + N and goes to one of three streams. It says `accepted N` as soon as every line up to N is
 * acknowledged, `dropped …` and `health …` when there is something to say, and reads no further than 500 lines ahead.
 */
// What is killed does not keep what it has compiled, unless it does so at once.
flushCompileCache();

const [, , folder = "", first = "0", start = "0", url = ""] = process.argv;

const nothing = { inc() {}, set() {}, observe() {} };
const dropped = { inc: (labels: object, entries: number) => say(`dropped ${JSON.stringify(labels)} ${entries}`) };
const metrics = Object.fromEntries(Object.keys(lokiWrite.metrics ?? {}).map((name) => [name, nothing]));
const log = { debug() {}, info() {}, warn() {}, error: (message: string) => say(`error ${message}`) };

const component = lokiWrite.create(
  lokiWrite.config.parse({
    batch_size: "4KiB",
    batch_wait: "10ms",
    endpoints: [{ url, name: "loki", remote_timeout: "1s", min_backoff_period: "1ms", max_backoff_period: "5ms" }],
    queue_config: { max_bytes: "1MiB", min_free: "0B" },
  }),
  {
    id: "loki.write.test",
    output: { receive: () => Promise.resolve() },
    metrics: { ...metrics, dropped } as never,
    log,
    dataDir: folder,
    configDir: folder,
    world: {
      clock: systemClock,
      random: Math.random,
      hostname: "vm",
      gatherSelf: () => Promise.resolve([]),
      shutdownTimeoutMs: 15_000,
    },
    setHealth: (health, reason) => say(`health ${health} ${reason}`),
  },
);

await Promise.all([component.run?.(new AbortController().signal), produce(Number(first))]);

async function produce(from: number): Promise<never> {
  const inFlight: { readonly number: number; readonly received: Promise<void> }[] = [];
  for (let number = from; ; number++) {
    const line = `${number} ${createHash("sha256").update(String(number)).digest("base64")}`;
    const batch = logRows({ stream: String(number % 3) }, [BigInt(start) + BigInt(number), line]);
    const received = component.input?.receive(batch as never) ?? Promise.resolve();
    inFlight.push({ number, received });
    if (inFlight.length < 500) continue;
    const oldest = inFlight.shift();
    await oldest?.received;
    say(`accepted ${oldest?.number}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
