import { Body } from "../../formats/exposition/body.ts";

/** Few targets are in transfer at the same time; what is idle beyond that is given back to the system. */
const maxIdle = 4;
const maxIdleBytes = 8 * 2 ** 20;

/** Buffers for answers, used again from target to target. */
export class BodyPool {
  readonly #idle: Body[] = [];

  take(): Body {
    const body = this.#idle.pop() ?? new Body();
    body.clear();
    return body;
  }

  /** Whoever gives a body must not touch it any more. */
  give(body: Body): void {
    if (this.#idle.length < maxIdle && body.bytes.length <= maxIdleBytes) this.#idle.push(body);
  }
}
