import { compileGoTime } from "../../../formats/log-line/go-time.ts";
import { type Entry, labelsKey } from "../entry.ts";
import { changing, readOption, type StageKind } from "../stage.ts";

export interface TimestampOptions {
  readonly source: string;
  readonly format: string;
  readonly fallback_formats: readonly string[];
  /** A name of the time zone database; "" is UTC. */
  readonly location: string;
  readonly action_on_failure: "fudge" | "skip";
  readonly action_on_duplicate_timestamp: "fudge" | "keep";
}

export const timestamp: StageKind<TimestampOptions> = {
  name: "timestamp",
  create(options, { clock }) {
    const { source, format, fallback_formats, location } = options;
    const parsers = [format, ...fallback_formats].map((layout) =>
      readOption(["location"], "a time zone", () => compileGoTime(layout, { location, now: () => clock.now() })),
    );
    const last = new LastTimes(options);
    return changing((entry) => {
      const text = entry.extracted[source] ?? "";
      const parsed = parsers.reduce<bigint | undefined>((found, parse) => found ?? parse(text), undefined);
      if (parsed === undefined) last.fudge(entry);
      else last.set(entry, parsed);
    });
  },
};

/** What was read last in a stream, and what was made of it. */
interface Last {
  readonly parsed: bigint;
  readonly adjusted: bigint;
}

/** Streams whose last time is remembered. */
const maxStreams = 10_000;

class LastTimes {
  readonly #fudgesFailures: boolean;
  readonly #fudgesDuplicates: boolean;
  readonly #byStream = new Map<string, Last>();

  constructor(options: TimestampOptions) {
    this.#fudgesFailures = options.action_on_failure === "fudge";
    this.#fudgesDuplicates = options.action_on_duplicate_timestamp === "fudge";
  }

  set(entry: Entry, parsed: bigint): void {
    entry.timestamp = parsed;
    if (!this.#fudgesFailures && !this.#fudgesDuplicates) return;
    const key = labelsKey(entry.labels);
    const before = this.#byStream.get(key);
    if (this.#fudgesDuplicates && before?.parsed === parsed) entry.timestamp = before.adjusted + 1n;
    this.#remember(key, { parsed, adjusted: entry.timestamp });
  }

  /** An entry without a time comes right behind the last one of its stream. */
  fudge(entry: Entry): void {
    const key = labelsKey(entry.labels);
    const before = this.#fudgesFailures ? this.#byStream.get(key) : undefined;
    if (before === undefined) return;
    entry.timestamp = before.adjusted + 1n;
    this.#remember(key, { parsed: before.parsed, adjusted: entry.timestamp });
  }

  #remember(key: string, last: Last): void {
    this.#byStream.delete(key);
    this.#byStream.set(key, last);
    const [oldest] = this.#byStream.keys();
    if (this.#byStream.size > maxStreams && oldest !== undefined) this.#byStream.delete(oldest);
  }
}
