import { type JournalEntry, JournalExportParser } from "../../../formats/log-line/journal-export.ts";
import { Backoff } from "../../../lib/backoff.ts";
import { sleep } from "../../../lib/clock.ts";
import { describeError } from "../../../lib/errors.ts";
import type { Logger } from "../../../lib/logger.ts";
import { Flight, Room } from "../flight.ts";
import type { Positions } from "../positions.ts";
import { followJournal, type Journalctl, type JournalctlOptions, lastLine, probeJournal } from "./journalctl.ts";

interface JournalReaderOptions extends JournalctlOptions {
  /** How old an entry may be that is read where there is no position, in milliseconds. */
  readonly maxAgeMs: number;
  readonly positions: Positions;
  /** The entry to begin behind where there is no position. */
  readonly legacyCursor: () => Promise<string | undefined>;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** True once the receivers have what is to be sent of them; false when the stop came first. */
  take(entries: readonly JournalEntry[], stop: AbortSignal): Promise<boolean>;
  /** Undefined: all is well. */
  onProblem(reason: string | undefined): void;
  onCursorLost(): void;
}

/** The key of the journal's position. */
const positionKey = "journal";

/** A journalctl that ran this long is at work; its end is not the failure of its start. */
const settledMs = 5000;

/** Bytes of the journal's export. */
const mostUnderWay = 4 * 1024 * 1024;

/**
 * Reads the journal by `journalctl --follow`, from the entry that was delivered last. It is read no further
 * while the receivers have not taken what was read: the pipe fills, journalctl waits, and the journal keeps the entries. A
 * journalctl that ends is started again.
 */
export class JournalReader {
  readonly #options: JournalReaderOptions;
  readonly #backoff: Backoff;
  readonly #room = new Room(mostUnderWay);
  #cursor: string | undefined;
  #problem: string | undefined;

  constructor(options: JournalReaderOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ minMs: 1000, maxMs: 60_000, jitter: 0.1, random: options.random });
  }

  /** The entry that was delivered last. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  async run(stop: AbortSignal): Promise<void> {
    const { clock, positions, legacyCursor } = this.#options;
    this.#cursor = positions.get(positionKey) ?? (await legacyCursor());
    while (!stop.aborted) {
      const problem = await this.#readOnce(stop);
      if (stop.aborted) return;
      const delayMs = this.#backoff.next();
      this.#tell(problem, `; trying again in ${Math.round(delayMs / 1000)}s`);
      await sleep(clock, delayMs, stop);
    }
  }

  /** Reads until journalctl ends, and says why it did. */
  async #readOnce(stop: AbortSignal): Promise<string> {
    const { clock, maxAgeMs } = this.#options;
    const probe = await probeJournal(this.#options, this.#cursor, stop);
    if (!probe.ok || stop.aborted) return probe.ok ? "" : probe.problem;
    const after = probe.knowsCursor ? this.#cursor : undefined;
    if (this.#cursor !== undefined && after === undefined) this.#noteLostCursor();
    const child = followJournal(
      this.#options,
      after === undefined ? { sinceMs: Math.max(0, clock.now() - maxAgeMs) } : { cursor: after },
    );
    return this.#read(child, after, probe.problem, stop);
  }

  async #read(child: Journalctl, after: string | undefined, problem: string | undefined, stop: AbortSignal) {
    const { clock } = this.#options;
    const settle = () => {
      this.#backoff.reset();
      this.#tell(problem);
    };
    const cancelSettle = clock.after(settledMs, settle);
    const ended = endOf(child);
    const end = () => void child.kill("SIGKILL");
    stop.addEventListener("abort", end, { once: true });
    let failure: string | undefined;
    try {
      await this.#pass(child.stdout, after, settle, stop);
    } catch (error) {
      failure = describeError(error);
    } finally {
      cancelSettle();
      stop.removeEventListener("abort", end);
      end();
      child.stdout.destroy();
      if (stop.aborted) child.stderr.destroy();
    }
    const reason = await ended;
    return failure ?? reason;
  }

  /** Delivers what comes, piece by piece, but for the entry `after` that is there already. */
  async #pass(output: AsyncIterable<Buffer>, after: string | undefined, settle: () => void, stop: AbortSignal) {
    const parser = new JournalExportParser();
    const flight = new Flight(this.#room);
    let isFirst = true;
    try {
      for await (const piece of output) {
        const entries = parser.push(piece);
        if (entries.length === 0) continue;
        const fresh = isFirst && entries[0]?.cursor === after ? entries.slice(1) : entries;
        if (isFirst) settle();
        isFirst = false;
        const delivered = this.#options.take(fresh, stop);
        const isWanted = await flight.add(delivered, piece.length, () => this.#noteDelivered(fresh));
        if (!isWanted || stop.aborted) return;
      }
    } finally {
      await flight.land();
    }
  }

  #noteDelivered(entries: readonly JournalEntry[]): void {
    const cursor = entries.at(-1)?.cursor;
    if (!cursor) return;
    this.#cursor = cursor;
    this.#options.positions.acked(positionKey, cursor);
  }

  /** The health always; the log when the problem is another one than before, and when it is over. */
  #tell(problem: string | undefined, outlook = ""): void {
    const { log, onProblem } = this.#options;
    if (problem !== undefined && problem !== this.#problem) log.warn("the journal cannot be read", { reason: problem });
    if (problem === undefined && this.#problem !== undefined) log.info("the journal can be read again");
    this.#problem = problem;
    onProblem(problem && problem + outlook);
  }

  #noteLostCursor(): void {
    const { log, onCursorLost } = this.#options;
    onCursorLost();
    log.warn("the journal no longer has the entry that was read last; beginning at max_age", { cursor: this.#cursor });
    this.#cursor = undefined;
  }
}

/** Resolves with what to say of the end of the program. */
function endOf(child: Journalctl): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4096);
  });
  child.on("error", (error) => resolve(`cannot run journalctl: ${describeError(error)}`));
  child.on("close", (code, signal) => resolve(`journalctl ended with ${signal ?? code}: ${lastLine(said)}`));
  return promise;
}
