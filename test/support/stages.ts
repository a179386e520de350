import { logStages } from "../../src/config/fields/log-stages/log-stages.ts";
import { mistakesInStage } from "../../src/engines/process-log/check-stages.ts";
import { type Entry, newEntry } from "../../src/engines/process-log/entry.ts";
import { createStages } from "../../src/engines/process-log/stages.ts";
import { CustomMetrics } from "../../src/signals/custom-metrics.ts";
import { labelRecord, labelsFrom } from "../../src/signals/labels.ts";
import { FakeClock } from "./fake-clock.ts";

export interface Given {
  readonly line?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly extracted?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** As `toISOString` writes it; nanoseconds may follow. */
  readonly time?: string;
}

/** An entry of a test as it comes out: only what a stage can change. */
export type Seen = Required<Given>;

export interface StagesUnderTest {
  readonly clock: FakeClock;
  /** `dropped reason`, `truncated field` … to how often. */
  readonly counts: Readonly<Record<string, number>>;
  readonly custom: CustomMetrics;
  /** What comes out at once. */
  process(...entries: readonly (Given | string)[]): Seen[];
  /** What is held back, and goes on now; at the end everything. */
  release(when?: "now" | "end"): Seen[];
  due(): number | undefined;
}

/** Stages, as a user writes them. */
export function stagesUnderTest(
  configs: readonly unknown[],
  { random = () => 0.5, readFile }: { random?: () => number; readFile?: (path: string) => Buffer } = {},
): StagesUnderTest {
  const clock = new FakeClock();
  const counts: Record<string, number> = {};
  const count = (name: string, amount = 1) => {
    counts[name] = (counts[name] ?? 0) + amount;
  };
  const custom = new CustomMetrics(() => clock.monotonic());
  const stages = createStages(logStages(mistakesInStage).parse(configs), {
    clock,
    random,
    custom,
    readFile,
    counts: {
      dropped: (reason) => count(`dropped ${reason}`),
      droppedByLabel: (name, value) => count(`dropped ${name}=${value}`),
      truncated: (field) => count(`truncated ${field}`),
      criFlushed: (lines) => count("cri flushed", lines),
      criTruncated: () => count("cri truncated"),
    },
    hold() {},
    letGo() {},
  });
  return {
    clock,
    counts,
    custom,
    process: (...entries) => stages.process(entries.map((given) => entryOf(given))).map(seen),
    release: (when = "now") =>
      (stages.release?.(when === "end" ? Number.POSITIVE_INFINITY : clock.monotonic()) ?? []).map(seen),
    due: () => stages.due?.(),
  };
}

/** The entry that `stages` makes of one. */
export function processed(stages: readonly unknown[], given: Given | string): Seen | undefined {
  return stagesUnderTest(stages).process(given)[0];
}

const noTime = "2026-01-01T00:00:00.000000000Z";

function entryOf(given: Given | string): Entry {
  const {
    line = "",
    labels = {},
    extracted = {},
    metadata = {},
    time = noTime,
  } = typeof given === "string" ? { line: given } : given;
  const entry = newEntry({
    timestamp: nanoseconds(time),
    line,
    labels: labelsFrom(labels),
    metadata: labelsFrom(metadata),
  });
  Object.assign(entry.extracted, extracted);
  return entry;
}

function seen({ timestamp, line, labels, extracted, metadata }: Entry): Seen {
  return {
    time: isoTime(timestamp),
    line,
    labels: { ...labelRecord(labels) },
    extracted: { ...extracted },
    metadata: { ...labelRecord(metadata) },
  };
}

function nanoseconds(iso: string): bigint {
  const [, seconds = "", fraction = ""] = /^(.{19})(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function isoTime(timestamp: bigint): string {
  const seconds = new Date(Number(timestamp / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(timestamp % 1_000_000_000n).padStart(9, "0")}Z`;
}
