import type { Clock } from "../../lib/clock.ts";
import { type Disk, readSmallFile, replaceFile } from "../../lib/disk.ts";
import { describeError } from "../../lib/errors.ts";
import { every } from "../../lib/every.ts";
import type { Logger } from "../../lib/logger.ts";

interface PositionsOptions {
  readonly disk: Disk;
  /** Of the component alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Acked {
  readonly position: string;
  /** Monotonic. */
  readonly at: number;
}

interface Source {
  /** What may be saved. */
  settled: string | undefined;
  /** What may be saved once it is old enough. */
  next: Acked | undefined;
  latest: Acked | undefined;
}

/** A queue that has acknowledged an entry makes it durable within this time. */
const settleMs = 2000;
const saveEveryMs = 5000;

const fileName = "positions.json";
const mostBytes = 16 * 1024 * 1024;

/**
 * How far each source was read, for the next start. A position is saved only once what was read up to it is durable with
 * the receivers: some time after the acknowledgement, or at a stop, when the receivers make durable what they have.
 *
 *     acked ──► latest ──► next ──(2 s old)──► settled ──(every 5 s)──► positions.json
 *
 * After a crash some entries are read again, and none is left out.
 */
export class Positions {
  readonly #options: PositionsOptions;
  readonly #sources = new Map<string, Source>();
  #saved = "";

  constructor(options: PositionsOptions) {
    this.#options = options;
  }

  /** The position of a source that was saved or acknowledged last. */
  get(key: string): string | undefined {
    const source = this.#sources.get(key);
    return source?.latest?.position ?? source?.settled;
  }

  keys(): string[] {
    return [...this.#sources.keys()];
  }

  /** Reads what was saved. A file that cannot be read counts as none, which the log says. */
  async load(): Promise<void> {
    const { disk, folder, log } = this.#options;
    try {
      const bytes = await readSmallFile(disk, `${folder}/${fileName}`, mostBytes);
      if (bytes === undefined) return;
      this.#saved = bytes.toString();
      for (const [key, settled] of Object.entries(readPositions(this.#saved))) {
        this.#sources.set(key, { settled, next: undefined, latest: undefined });
      }
    } catch (error) {
      log.error("the saved positions cannot be read; beginning without them", { folder, error });
    }
  }

  /** The receivers have everything of the source up to here. */
  acked(key: string, position: string): void {
    const source = this.#sources.get(key) ?? { settled: undefined, next: undefined, latest: undefined };
    source.latest = { position, at: this.#options.clock.monotonic() };
    source.next ??= source.latest;
    this.#sources.set(key, source);
  }

  forget(key: string): void {
    this.#sources.delete(key);
  }

  /** Saves now and then until the stop, and then what was acknowledged last. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    await every(this.#options.clock, saveEveryMs, stop, () => this.#save());
  }

  /** Saves what was acknowledged last, be it durable yet or not: for a clean stop. Never rejects. */
  async close(): Promise<void> {
    for (const source of this.#sources.values()) source.settled = source.latest?.position ?? source.settled;
    await this.#write();
  }

  async #save(): Promise<void> {
    const now = this.#options.clock.monotonic();
    for (const source of this.#sources.values()) {
      if (source.next === undefined || now - source.next.at < settleMs) continue;
      source.settled = source.next.position;
      source.next = source.latest === source.next ? undefined : source.latest;
    }
    await this.#write();
  }

  async #write(): Promise<void> {
    const { disk, folder, log } = this.#options;
    const settled = [...this.#sources].flatMap(([key, { settled: at }]) => (at === undefined ? [] : [[key, at]]));
    const text = `${JSON.stringify({ version: 1, positions: Object.fromEntries(settled) })}\n`;
    if (text === this.#saved || (settled.length === 0 && this.#saved === "")) return;
    try {
      await replaceFile(disk, folder, fileName, Buffer.from(text));
      this.#saved = text;
    } catch (error) {
      log.warn("the positions cannot be saved; after a crash entries will be read again", {
        folder,
        reason: describeError(error),
      });
    }
  }
}

/** Throws where the text is not ours. */
function readPositions(text: string): Record<string, string> {
  const { version, positions } = JSON.parse(text) as { version?: unknown; positions?: unknown };
  const isOurs = version === 1 && typeof positions === "object" && positions !== null;
  if (isOurs && Object.values(positions).every((position) => typeof position === "string")) {
    return positions as Record<string, string>;
  }
  throw new Error("it is not a file of positions");
}
