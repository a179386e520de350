import { setTimeout as sleep } from "node:timers/promises";
import { startReceiver, type TestReceiver } from "../../../test/support/receiver.ts";

/** A receiver of remote write on this machine, and what came of one metric. */
export class Receiver {
  readonly #receiver: TestReceiver;

  private constructor(receiver: TestReceiver) {
    this.#receiver = receiver;
  }

  static async start(): Promise<Receiver> {
    return new Receiver(await startReceiver());
  }

  get port(): number {
    return this.#receiver.port;
  }

  refuse(): void {
    this.#receiver.answer({ status: 503 });
  }

  accept(): void {
    this.#receiver.answer({ status: 204 });
  }

  /** The times of all scrapes that arrived, successful or not, in milliseconds, in their order, each once. */
  scrapes(): number[] {
    const times = this.#receiver.samples.flatMap((sample) => {
      const time = /^up\{.*\} [01] @(\d+)$/.exec(sample)?.[1];
      return time === undefined ? [] : [Number(time)];
    });
    return [...new Set(times)].toSorted((a, b) => a - b);
  }

  names(): Set<string> {
    return new Set(this.#receiver.samples.map((sample) => sample.slice(0, sample.search(/[{ ]/))));
  }

  /** What the last request gave as its authorization. */
  authorization(): string | undefined {
    return this.#receiver.requests.at(-1)?.headers.authorization;
  }

  /** Resolves once scrapes of a time after `time` have arrived. Gives up when no request has come for four minutes. */
  async after(time: number): Promise<void> {
    let requests = this.#receiver.requests.length;
    let deadline = Date.now() + 240_000;
    while ((this.scrapes().at(-1) ?? 0) <= time) {
      if (this.#receiver.requests.length > requests) deadline = Date.now() + 240_000;
      requests = this.#receiver.requests.length;
      if (Date.now() > deadline) throw new Error(`nothing arrived of the time after ${new Date(time).toISOString()}`);
      await sleep(200);
    }
  }

  close(): Promise<void> {
    return this.#receiver.close();
  }
}
