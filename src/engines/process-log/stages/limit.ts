import type { Clock } from "../../../lib/clock.ts";
import { TokenBucket } from "../../../lib/token-bucket.ts";
import { labelValue } from "../../../signals/labels.ts";
import type { Entry } from "../entry.ts";
import { keeping, OptionError, type Stage, type StageKind, type StageSurroundings } from "../stage.ts";

export interface LimitOptions {
  /** Lines per second. */
  readonly rate: number;
  readonly burst: number;
  readonly drop: boolean;
  readonly by_label_name: string;
  /** Values of that label whose rate is known at a time. */
  readonly max_distinct_labels: number;
}

const reason = "ratelimit_drop_stage";

/** Lets no more lines on than the rate allows: what is too much is dropped, or waits for its turn. */
export const limit: StageKind<LimitOptions> = {
  name: "limit",
  create(options, surroundings) {
    const { drop, by_label_name, rate, burst } = options;
    if (by_label_name !== "") {
      if (!drop) throw new OptionError(["by_label_name"], "a rate for each value of a label needs drop: true");
      return dropByLabel(options, surroundings);
    }
    const bucket = newBucket(surroundings.clock, rate, burst);
    if (!drop) return new Delay(bucket, surroundings);
    return keeping(() => {
      const isAllowed = bucket.take();
      if (!isAllowed) surroundings.counts.dropped(reason);
      return isAllowed;
    });
  },
};

function newBucket(clock: Clock, rate: number, burst: number): TokenBucket {
  return new TokenBucket({ clock, intervalMs: 1000 / rate, burst });
}

function dropByLabel(options: LimitOptions, { clock, counts }: StageSurroundings): Stage {
  const { by_label_name: name, rate, burst, max_distinct_labels } = options;
  const buckets = new RecentMap(max_distinct_labels, () => newBucket(clock, rate, burst));
  return keeping(({ labels }) => {
    const value = labelValue(labels, name);
    if (value === "" || buckets.get(value).take()) return true;
    counts.dropped(reason);
    counts.droppedByLabel(name, value);
    return false;
  });
}

/** Knows the values that were asked for lately; forgets the others in one go. */
class RecentMap {
  readonly #max: number;
  readonly #create: () => TokenBucket;
  #recent = new Map<string, TokenBucket>();
  #older = new Map<string, TokenBucket>();

  constructor(max: number, create: () => TokenBucket) {
    this.#max = max;
    this.#create = create;
  }

  get(key: string): TokenBucket {
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const bucket = this.#older.get(key) ?? this.#create();
    if (this.#recent.size >= this.#max) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, bucket);
    return bucket;
  }
}

/** Lines that wait keep their order. Their batches are not acknowledged, so that the source does not run ahead. */
class Delay implements Stage {
  readonly #bucket: TokenBucket;
  readonly #surroundings: StageSurroundings;
  #waiting: Entry[] = [];

  constructor(bucket: TokenBucket, surroundings: StageSurroundings) {
    this.#bucket = bucket;
    this.#surroundings = surroundings;
  }

  process(entries: readonly Entry[]): readonly Entry[] {
    let allowed = 0;
    if (this.#waiting.length === 0) while (allowed < entries.length && this.#bucket.take()) allowed++;
    for (let at = allowed; at < entries.length; at++) {
      const entry = entries[at]!;
      this.#surroundings.hold(entry.deliveries);
      this.#waiting.push(entry);
    }
    return entries.slice(0, allowed);
  }

  due(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    return this.#surroundings.clock.monotonic() + this.#bucket.msUntilToken();
  }

  release(now: number): readonly Entry[] {
    let count = 0;
    const isEnd = now === Number.POSITIVE_INFINITY;
    while (count < this.#waiting.length && (isEnd || this.#bucket.take())) count++;
    const released = this.#waiting.splice(0, count);
    for (const { deliveries } of released) this.#surroundings.letGo(deliveries);
    return released;
  }
}
