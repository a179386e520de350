import { expect, test } from "vitest";
import type { SyncPolicy } from "../../../src/engines/queue/queue.ts";
import { type DiskCall, FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { drain, now, openQueue } from "../../support/queue-harness.ts";

/** Another seed, and more scripts, by environment: a failure prints what brings it back. */
const firstSeed = Number(process.env.SONDE_CRASH_SEED ?? 1);
const scripts = Number(process.env.SONDE_CRASH_SCRIPTS ?? 40);
const pointsPerScript = 25;
const cutsPerPoint = 10;

const folder = "/queue";
/** Segments end after 100 s, so that a script fills several; nothing grows too old. */
const settings = { maxAgeMs: 1_600_000 };

/** What was promised until a crash. */
interface Promises {
  readonly appended: readonly string[];
  /** Only memory held these when a process ended: whether they come out, nobody has promised. */
  readonly forgotten: ReadonlySet<string>;
  readonly accepted: ReadonlySet<string>;
  readonly durable: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
}

interface Crash extends Promises {
  readonly name: string;
  readonly disk: ModelDisk;
  /** What survived for certain. */
  readonly safe: ReadonlySet<string>;
}

test(
  "wherever it crashes, what was promised comes out, in order, and what is lost is counted",
  async () => {
    let states = 0;
    for (let seed = firstSeed; seed < firstSeed + scripts; seed++) {
      for (const crash of await crashesOf(seed)) {
        await check(crash);
        states++;
      }
    }
    expect(states).toBeGreaterThan(scripts * pointsPerScript * 0.9 * (cutsPerPoint + 1));
  },
  60_000 + scripts * 5000,
);

/** Runs a script, and takes images of its disk before some of the calls that change it. */
async function crashesOf(seed: number): Promise<Crash[]> {
  const random = randomFrom(seed);
  const sync: SyncPolicy = random() < 0.3 ? "always" : "interval";
  const shares = random() < 0.5 ? sound : failing;
  const calls = await run(new ModelDisk(), sync, shares, randomFrom(seed + 1e6), () => {});
  const points = new Set(Array.from({ length: pointsPerScript * 2 }, () => Math.floor(random() * calls)));
  const chosen = new Set([...points].slice(0, pointsPerScript));
  const crashes: Crash[] = [];
  const disk = new ModelDisk();
  await run(disk, sync, shares, randomFrom(seed + 1e6), (call, promises) => {
    if (!chosen.has(call)) return;
    const name = `seed ${seed}, call ${call}`;
    crashes.push({ ...promises, name: `${name}, kill`, disk: disk.afterKill(), safe: promises.accepted });
    for (let cut = 0; cut < cutsPerPoint; cut++) {
      const after = disk.afterPowerCut(randomFrom(seed * 1e4 + call * 100 + cut));
      crashes.push({ ...promises, name: `${name}, power cut ${cut}`, disk: after, safe: promises.durable });
    }
  });
  return crashes;
}

/** Some 100 steps of a few lives on one disk; returns how many calls have changed it. */
async function run(
  disk: ModelDisk,
  sync: SyncPolicy,
  shares: Readonly<Record<string, number>>,
  random: () => number,
  onCall: (call: number, promises: Promises) => void,
): Promise<number> {
  let calls = 0;
  const lives = new Lives(disk, sync);
  disk.onChange = () => onCall(calls++, lives.promises());
  const append = () => lives.append("x".repeat(Math.floor(random() * 1500)));
  const steps: Record<string, () => Promise<unknown>> = {
    append: () => append().then(() => lives.note()),
    burst: () => Promise.all([append(), append(), append()]).then(() => lives.note()),
    take: () => lives.take(),
    peek: () => lives.queue.reader("a").peek(now),
    wait: () => lives.wait(random() < 0.2 ? 60_000 : 1000),
    restart: () => lives.restart(),
    kill: async () => lives.kill(),
    fail: async () => lives.fail(someFaults(random)),
  };
  for (let step = 0; step < 100; step++) await steps[pick(random(), shares)]?.();
  return calls;
}

/** Processes with a queue in the same folder, one after the other, and what was promised by them. */
class Lives {
  readonly #model: ModelDisk;
  readonly #sync: SyncPolicy;
  readonly #appended: string[] = [];
  readonly #forgotten = new Set<string>();
  readonly #accepted = new Set<string>();
  readonly #durable = new Set<string>();
  readonly #acknowledged = new Set<string>();
  #disk!: FaultyDisk;
  #life!: ReturnType<typeof openQueue>;

  constructor(model: ModelDisk, sync: SyncPolicy) {
    this.#model = model;
    this.#sync = sync;
    this.#begin();
  }

  get queue() {
    return this.#life.queue;
  }

  promises(): Promises {
    return {
      appended: [...this.#appended],
      forgotten: new Set(this.#forgotten),
      accepted: new Set(this.#accepted),
      durable: new Set(this.#durable),
      acknowledged: new Set(this.#acknowledged),
    };
  }

  async append(rest: string): Promise<void> {
    const text = `${String(this.#appended.length).padStart(4, "0")}${rest}`;
    this.#appended.push(text);
    await this.#life.append(text);
  }

  async take(): Promise<void> {
    const block = await this.queue.reader("a").peek(now);
    if (block === undefined) return;
    // First, because the queue may save its cursor at once.
    this.#acknowledged.add(Buffer.from(block.payload).toString());
    this.queue.reader("a").ack(block.sequence);
  }

  async wait(ms: number): Promise<void> {
    await this.#life.clock.advance(ms);
    this.note(true);
  }

  async restart(): Promise<void> {
    await this.queue.close(1000);
    this.note(true);
    this.#end();
  }

  kill(): void {
    this.#disk.fault = () => "hang";
    this.#end();
  }

  fail(fault: FaultyDisk["fault"]): void {
    this.#disk.fault = fault;
  }

  /** What memory alone had taken while the disk was down is on disk once the trouble is over. */
  note(isSynced = this.#sync === "always"): void {
    if (this.#life.troubles.at(-1) !== undefined) return;
    for (const text of this.#appended) {
      if (this.#forgotten.has(text)) continue;
      this.#accepted.add(text);
      if (isSynced) this.#durable.add(text);
    }
  }

  #begin(): void {
    this.#disk = new FaultyDisk(this.#model);
    this.#life = openQueue(this.#disk, folder, ["a"], { ...settings, sync: this.#sync });
  }

  #end(): void {
    for (const text of this.#appended) if (!this.#accepted.has(text)) this.#forgotten.add(text);
    expect(this.#life.drops.filter((drop) => !drop.startsWith("a disk_unavailable"))).toEqual([]);
    this.#begin();
  }
}

const sound = { append: 0.4, burst: 0.1, take: 0.25, peek: 0.05, wait: 0.17, restart: 0.03 };
const failing = { append: 0.35, burst: 0.1, take: 0.2, peek: 0.05, wait: 0.17, restart: 0.02, kill: 0.04, fail: 0.07 };

const failingCalls: readonly DiskCall[] = ["create", "write", "truncate", "sync", "syncFolder", "rename", "unlink"];

/** The next few calls of some kinds fail, which is over at once, or after some time. */
function someFaults(random: () => number) {
  const calls = failingCalls.filter(() => random() < 0.4);
  let left = 1 + Math.floor(random() * 8);
  return (call: DiskCall) => {
    if (!calls.includes(call) || left === 0) return undefined;
    left--;
    return call === "write" && random() < 0.5 ? "short" : "EIO";
  };
}

function pick(chance: number, shares: Readonly<Record<string, number>>): string {
  let left = chance;
  for (const [name, share] of Object.entries(shares)) {
    if (left < share) return name;
    left -= share;
  }
  return "append";
}

async function check(crash: Crash): Promise<void> {
  const { disk, appended, forgotten, acknowledged, safe, name } = crash;
  const images: ModelDisk[] = [];
  disk.onChange = () => images.push(disk.afterKill());
  const { texts, lost } = await comesOut(disk);
  const positions = texts.map((text) => appended.indexOf(text));
  expect([name, positions]).toEqual([name, [...positions].sort((a, b) => a - b)]);
  expect([name, positions.includes(-1), new Set(texts).size]).toEqual([name, false, texts.length]);
  const missing = appended.filter((text) => safe.has(text) && !acknowledged.has(text) && !texts.includes(text));
  expect([name, missing.map(numberOf)]).toEqual([name, []]);
  // At least what is missing between two that came, at most all that did not come: of what was delivered shortly before
  // the crash the queue may have forgotten that it was.
  // What never was on disk has no place there: it was delivered while the disk was down, or went with the memory.
  const numbered = appended.filter((text) => texts.includes(text) || !(forgotten.has(text) || acknowledged.has(text)));
  const between = numbered
    .slice(numbered.indexOf(texts[0] ?? ""), numbered.indexOf(texts.at(-1) ?? "") + 1)
    .filter((text) => !texts.includes(text));
  const unseen = appended.filter((text) => !texts.includes(text));
  expect([name, lost >= letters(between), lost <= letters(unseen)]).toEqual([name, true, true]);
  const again = images[Math.floor(images.length * 0.4)];
  if (again !== undefined) {
    const second = await comesOut(again);
    expect([name, missingFrom(second.texts, texts, acknowledged)]).toEqual([name, []]);
  }
}

/** What a queue gives that is opened on the disk, and whether it works from there on. */
async function comesOut(disk: ModelDisk): Promise<{ texts: string[]; lost: number }> {
  const q = openQueue(disk, folder, ["a"], settings);
  await q.append("after");
  const texts = await drain(q.queue.reader("a"));
  expect(texts.at(-1)).toBe("after");
  expect(q.troubles).toEqual([]);
  const lost = q.drops.map((drop) => Number(drop.replace("a damaged ", ""))).reduce((sum, each) => sum + each, 0);
  return { texts: texts.filter((text) => text !== "after"), lost };
}

function missingFrom(texts: string[], wanted: string[], acknowledged: ReadonlySet<string>): number[] {
  return wanted.filter((text) => !acknowledged.has(text) && !texts.includes(text)).map(numberOf);
}

/** A failure shows this, and not all the letters. */
function numberOf(text: string): number {
  return Number.parseInt(text, 10);
}

function letters(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
