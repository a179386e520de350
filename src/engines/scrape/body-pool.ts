import { Body } from "../../formats/exposition/body.ts";

/** Of what is idle; the rest is given back to the system. */
const maxIdleBytes = 2 * 2 ** 20;

/** Buffers for answers, used again from target to target: how many there are is how many answers come at the same time. */
export class BodyPool {
  readonly #idle: Body[] = [];
  #idleBytes = 0;

  take(): Body {
    const body = this.#idle.pop();
    if (body === undefined) return new Body();
    this.#idleBytes -= body.bytes.length;
    body.clear();
    return body;
  }

  /** Whoever gives a body must not touch it any more. */
  give(body: Body): void {
    if (this.#idleBytes + body.bytes.length > maxIdleBytes) return;
    this.#idle.push(body);
    this.#idleBytes += body.bytes.length;
  }
}
