import { describeError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";

/** What does not work now, each said once in the log, and all of it as health. */
export class Troubles {
  readonly #log: Logger;
  readonly #setHealth: (isHealthy: boolean, reason?: string) => void;
  readonly #reasons = new Map<string, string>();
  #shown: string | undefined;

  constructor(log: Logger, setHealth: (isHealthy: boolean, reason?: string) => void) {
    this.#log = log;
    this.#setHealth = setHealth;
  }

  /** `what` fails now: a path, a folder, the receiver. */
  fail(what: string, message: string, error: unknown): void {
    const reason = `${message}: ${describeError(error)}${remedyOf(error)}`;
    if (this.#reasons.get(what) !== reason) this.#log.warn(message, { error });
    this.#reasons.set(what, reason);
  }

  end(what: string): void {
    this.#reasons.delete(what);
  }

  reasonOf(what: string): string | undefined {
    return this.#reasons.get(what);
  }

  /** Says it to the world, if that is new. */
  report(): void {
    const [first] = this.#reasons.values();
    const more = this.#reasons.size > 1 ? ` (and ${this.#reasons.size - 1} more)` : "";
    const shown = first === undefined ? "" : first + more;
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (first === undefined) this.#setHealth(true);
    else this.#setHealth(false, shown);
  }
}

function remedyOf(error: unknown): string {
  const { code } = Object(error) as NodeJS.ErrnoException;
  return code === "EACCES" ? "; let the agent's user read it, for example by the group adm" : "";
}
