import { expect, test } from "vitest";
import type { SyncPolicy } from "../../../src/engines/queue/queue.ts";
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

test("wherever it crashes, what was promised comes out, in order, and what is lost is counted", async () => {
  let states = 0;
  for (let seed = firstSeed; seed < firstSeed + scripts; seed++) {
    for (const crash of await crashesOf(seed)) {
      await check(crash);
      states++;
    }
  }
  expect(states).toBeGreaterThan(scripts * pointsPerScript * 0.9 * (cutsPerPoint + 1));
}, 60_000);

/** Runs a script, and takes images of its disk before some of the calls that change it. */
async function crashesOf(seed: number): Promise<Crash[]> {
  const random = randomFrom(seed);
  const sync: SyncPolicy = random() < 0.3 ? "always" : "interval";
  const calls = await run(new ModelDisk(), sync, randomFrom(seed + 1e6), () => {});
  const points = new Set(Array.from({ length: pointsPerScript * 2 }, () => Math.floor(random() * calls)));
  const chosen = new Set([...points].slice(0, pointsPerScript));
  const crashes: Crash[] = [];
  const disk = new ModelDisk();
  await run(disk, sync, randomFrom(seed + 1e6), (call, promises) => {
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

/** Some 100 steps of a life; returns how many calls have changed the disk. */
async function run(
  disk: ModelDisk,
  sync: SyncPolicy,
  random: () => number,
  onCall: (call: number, promises: Promises) => void,
): Promise<number> {
  const [accepted, durable, acknowledged] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const appended: string[] = [];
  let calls = 0;
  disk.onChange = () => {
    onCall(calls++, {
      appended: [...appended],
      accepted: new Set(accepted),
      durable: new Set(durable),
      acknowledged: new Set(acknowledged),
    });
  };
  let q = openQueue(disk, folder, ["a"], { ...settings, sync });
  const allIsDurable = () => {
    for (const text of accepted) durable.add(text);
  };
  const append = async () => {
    const text = `${String(appended.length).padStart(4, "0")}${"x".repeat(Math.floor(random() * 1500))}`;
    appended.push(text);
    await q.append(text);
    accepted.add(text);
    if (sync === "always") durable.add(text);
  };
  const steps: Record<string, () => Promise<unknown>> = {
    append,
    burst: () => Promise.all([append(), append(), append()]),
    take: async () => {
      const block = await q.queue.reader("a").peek(now);
      if (block === undefined) return;
      // First, because the queue may save its cursor at once.
      acknowledged.add(Buffer.from(block.payload).toString());
      q.queue.reader("a").ack(block.sequence);
    },
    peek: () => q.queue.reader("a").peek(now),
    wait: () => q.clock.advance(random() < 0.2 ? 60_000 : 1000).then(allIsDurable),
    restart: async () => {
      await q.queue.close(1000);
      allIsDurable();
      q = openQueue(disk, folder, ["a"], { ...settings, sync });
    },
  };
  for (let step = 0; step < 100; step++) await steps[pick(random(), stepShares)]?.();
  return calls;
}

const stepShares = { append: 0.4, burst: 0.1, take: 0.25, peek: 0.05, wait: 0.17, restart: 0.03 };

function pick(chance: number, shares: Readonly<Record<string, number>>): string {
  let left = chance;
  for (const [name, share] of Object.entries(shares)) {
    if (left < share) return name;
    left -= share;
  }
  return "append";
}

async function check(crash: Crash): Promise<void> {
  const { disk, appended, acknowledged, safe, name } = crash;
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
  const between = appended.slice(positions[0], (positions.at(-1) ?? -1) + 1).filter((text) => !texts.includes(text));
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
