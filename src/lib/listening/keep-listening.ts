import { Backoff } from "../backoff.ts";
import { type Clock, sleep } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { ListenError } from "./listen-error.ts";

/** A port that is open. */
export interface OpenPort {
  /** Resolves when the port has closed by itself, or has to be opened anew. Rejects with a bug. */
  readonly ended: Promise<void>;
  /** Resolves with everything closed. */
  close(): Promise<void>;
}

export interface KeepListeningOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly words: ListenWords;
  /** Why the port cannot be had; undefined when it is open, or is again. */
  onProblem(reason: string | undefined): void;
}

/** What the log says when the port cannot be had, and when it can again. */
export interface ListenWords {
  readonly down: string;
  readonly upAgain: string;
}

const retryDelay = { minMs: 1000, maxMs: 30_000, jitter: 0.1 };

/**
 * Has a port open until the stop. One that cannot be had is the world's failure: it says so once, and goes on trying.
 * `open` rejects with a ListenError for that. Rejects with a bug only.
 */
export async function keepListening(
  open: () => Promise<OpenPort>,
  { clock, random, log, words, onProblem }: KeepListeningOptions,
  stop: AbortSignal,
): Promise<void> {
  const backoff = new Backoff({ ...retryDelay, random });
  let problem: string | undefined;
  while (!stop.aborted) {
    try {
      const port = await open();
      if (problem !== undefined) log.info(words.upAgain);
      problem = undefined;
      backoff.reset();
      onProblem(undefined);
      await untilEnded(port, stop);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (problem !== error.message) log.error(words.down, { reason: error.message });
      problem = error.message;
      onProblem(problem);
      await sleep(clock, backoff.next(), stop);
    }
  }
}

async function untilEnded(port: OpenPort, stop: AbortSignal): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const onStop = () => resolve();
  stop.addEventListener("abort", onStop);
  if (stop.aborted) resolve();
  try {
    await Promise.race([port.ended, stopped]);
  } finally {
    stop.removeEventListener("abort", onStop);
    await port.close();
  }
}
