import { type ContainerLine, DockerStreamParser } from "../../../formats/log-line/docker-stream.ts";
import { Backoff } from "../../../lib/backoff.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { describeError } from "../../../lib/errors.ts";
import type { Labels } from "../../../signals/labels.ts";
import { Flight, type Room } from "../flight.ts";
import type { Positions } from "../positions.ts";
import { type DockerEngine, NoContainerError } from "./engine.ts";
import { after, formatPosition, type LogPosition, parsePosition, sinceParameter } from "./position.ts";

export interface ContainerReaderOptions {
  readonly engine: DockerEngine;
  readonly positions: Positions;
  /** For what all containers have under way. */
  readonly room: Room;
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
      await this.#pass(log, parser, position, stop);
      return undefined;
    } catch (error) {
      if (!(error instanceof NoContainerError)) return describeError(error);
      positions.forget(this.#id);
      return undefined;
    }
  }

  /** Delivers what comes, piece by piece, but for the lines that the position counts. */
  async #pass(
    log: AsyncIterable<Uint8Array>,
    parser: DockerStreamParser,
    position: LogPosition,
    stop: AbortSignal,
  ): Promise<void> {
    const { room, take } = this.#options;
    const flight = new Flight(room);
    let known = position.lines;
    try {
      for await (const piece of log) {
        const fresh = parser.push(piece).filter(({ timestamp }) => {
          known = timestamp === position.time ? known - 1 : -1;
          return known < 0;
        });
        if (fresh.length === 0) continue;
        const delivered = take(fresh, this.labels, stop);
        const isWanted = await flight.add(delivered, piece.length, () => this.#noteDelivered(fresh));
        if (!isWanted || stop.aborted) return;
      }
    } finally {
      await flight.land();
    }
  }

  #noteDelivered(lines: readonly ContainerLine[]): void {
    const { positions } = this.#options;
    this.#backoff.reset();
    let position = parsePosition(positions.get(this.#id));
    for (const { timestamp } of lines) position = after(position, timestamp);
    positions.acked(this.#id, formatPosition(position));
  }
}
