import { type ContainerLine, DockerStreamParser } from "../../../formats/log-line/docker-stream.ts";
import { Backoff } from "../../../lib/backoff.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { describeError } from "../../../lib/errors.ts";
import type { Labels } from "../../../signals/labels.ts";
import type { Positions } from "../positions.ts";
import { type DockerEngine, NoContainerError } from "./engine.ts";
import { after, formatPosition, parsePosition, sinceParameter } from "./position.ts";

export interface ContainerReaderOptions {
  readonly engine: DockerEngine;
  readonly positions: Positions;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The longest time between the end of a log and the next look at it. */
  readonly refreshIntervalMs: number;
  /** True once the receivers have what is to be sent of them; false when the stop came first. */
  take(lines: readonly ContainerLine[], labels: Labels, stop: AbortSignal): Promise<boolean>;
  /** Undefined: all is well with the container. */
  onProblem(id: string, reason: string | undefined): void;
}

/** How long a container that is no target any more may take to say its last words. */
const leaveMs = 10_000;

/** Follows the log of one container, over its restarts, from the line on that was delivered last. */
export class ContainerReader {
  readonly #id: string;
  readonly #options: ContainerReaderOptions;
  readonly #backoff: Backoff;
  readonly #left = new AbortController();
  #isWanted = true;
  #cancelLeave = () => {};
  /** Of its target. */
  labels: Labels;

  constructor(id: string, labels: Labels, options: ContainerReaderOptions) {
    const { refreshIntervalMs, random } = options;
    this.#id = id;
    this.labels = labels;
    this.#options = options;
    this.#backoff = new Backoff({ minMs: 1000, maxMs: Math.max(1000, refreshIntervalMs), random });
  }

  get hasLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** Reads on until the container stops, or for some time. */
  leave(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#cancelLeave = this.#options.clock.after(leaveMs, () => this.#left.abort());
  }

  /** Takes back a leave. */
  stay(): void {
    this.#isWanted = true;
    this.#cancelLeave();
  }

  /** Resolves at the stop, or once it has left. */
  async run(outerStop: AbortSignal): Promise<void> {
    const { clock, onProblem } = this.#options;
    const stop = AbortSignal.any([outerStop, this.#left.signal]);
    while (!stop.aborted) {
      const problem = await this.#readOnce(stop);
      if (stop.aborted) break;
      onProblem(this.#id, problem);
      if (!this.#isWanted) this.#left.abort();
      else await sleep(clock, this.#backoff.next(), stop);
    }
    this.#cancelLeave();
    onProblem(this.#id, undefined);
  }

  /** Reads to the end of the log, and says what was wrong, if anything was. */
  async #readOnce(stop: AbortSignal): Promise<string | undefined> {
    const { engine, positions, onProblem } = this.#options;
    const position = parsePosition(positions.get(this.#id));
    try {
      const parser = new DockerStreamParser(await engine.hasTerminal(this.#id, stop));
      const log = await engine.follow(this.#id, sinceParameter(position), stop);
      onProblem(this.#id, undefined);
      let skip = { ...position };
      for await (const piece of log) {
        const lines = parser.push(piece);
        const fresh = lines.filter(({ timestamp }) => {
          const isKnown = timestamp === skip.time && skip.lines > 0;
          skip = isKnown ? { ...skip, lines: skip.lines - 1 } : { ...skip, lines: 0 };
          return !isKnown;
        });
        if (!(await this.#deliver(fresh, stop))) return undefined;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof NoContainerError)) return describeError(error);
      positions.forget(this.#id);
      return undefined;
    }
  }

  async #deliver(lines: readonly ContainerLine[], stop: AbortSignal): Promise<boolean> {
    if (lines.length === 0) return true;
    const { take, positions } = this.#options;
    if (!(await take(lines, this.labels, stop))) return false;
    this.#backoff.reset();
    let position = parsePosition(positions.get(this.#id));
    for (const { timestamp } of lines) position = after(position, timestamp);
    positions.acked(this.#id, formatPosition(position));
    return true;
  }
}
