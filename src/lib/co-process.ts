import { Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Partner } from "./partner.ts";

interface CoProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly start: () => Partner;
  /** How long one answer may take. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

interface Question {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: () => void;
}

const longestAnswer = 64 * 1024;

/**
 * A program that stays and answers each line of its input with one line; or a service that does so.
 *
 *     ask ──► not running: start it ──► line in ──► line out     the answer
 *                                           └──► deadline, end or noise: killed, all that wait fail
 *     ask, soon after a failure: fails at once; the time until it is started again doubles with each failure
 *
 * It is started by the first question. A process that cannot even be killed (stuck in the kernel) is abandoned: nobody
 * waits for it. If this process dies, the other one reads the end of its input and ends too.
 */
export class CoProcess {
  readonly #options: CoProcessOptions;
  readonly #backoff: Backoff;
  #running: Running | undefined;
  #retryAt = 0;
  #lastFailure = new Error("it was closed");
  #isClosed = false;

  constructor(options: CoProcessOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ minMs: 5000, maxMs: 300_000, jitter: 0.1, random: options.random });
  }

  /** Rejects when there is no answer in time; with code ENOENT in the cause if there is no such program. */
  ask(question: string): Promise<string> {
    const { clock, deadlineMs } = this.#options;
    if (this.#isClosed || (this.#running === undefined && clock.monotonic() < this.#retryAt)) {
      return Promise.reject(this.#lastFailure);
    }
    this.#running ??= this.#start();
    const { waiting, partner } = this.#running;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(deadlineMs, () => this.#fail(partner, `no answer within ${deadlineMs / 1000} s`));
      waiting.push({ resolve, reject, cancel });
      partner.input.write(`${question}\n`);
    });
  }

  /** Ends the program; whoever waits is told. It is not started again. */
  close(): void {
    this.#isClosed = true;
    if (this.#running !== undefined) this.#fail(this.#running.partner, "it was closed");
  }

  #start(): Running {
    const partner = this.#options.start();
    const running: Running = { partner, waiting: [], text: "" };
    partner.onEnd((reason) => this.#fail(partner, reason));
    // A pipe that breaks is followed by the end of the partner, which says why.
    partner.input.on("error", () => {});
    partner.output.setEncoding("utf8").on("data", (text: string) => this.#read(running, text));
    return running;
  }

  #read(running: Running, text: string): void {
    running.text += text;
    for (let end = running.text.indexOf("\n"); end >= 0; end = running.text.indexOf("\n")) {
      const answer = running.text.slice(0, end);
      running.text = running.text.slice(end + 1);
      const question = running.waiting.shift();
      if (question === undefined) {
        this.#fail(running.partner, "it spoke without being asked");
        return;
      }
      this.#backoff.reset();
      question.cancel();
      question.resolve(answer);
    }
    if (running.text.length > longestAnswer) this.#fail(running.partner, "its answer has no end");
  }

  /** Of a partner that is no longer the running one nothing is believed. */
  #fail(partner: Partner, reason: Error | string): void {
    const running = this.#running;
    if (running?.partner !== partner) return;
    this.#running = undefined;
    this.#retryAt = this.#options.clock.monotonic() + this.#backoff.next();
    this.#lastFailure = new Error(`cannot ask ${this.#options.name}`, { cause: reason });
    partner.abandon();
    for (const { reject, cancel } of running.waiting) {
      cancel();
      reject(this.#lastFailure);
    }
  }
}

interface Running {
  readonly partner: Partner;
  /** In the order of their answers. */
  readonly waiting: Question[];
  /** Of the answer that has not ended yet. */
  text: string;
}
