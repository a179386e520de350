import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { type DownTarget, describeFailures, describeRefused } from "./pool-health.ts";
import type { ScrapeResult } from "./scrape-loop.ts";
import type { RefusedTarget } from "./target.ts";

const linesInWindow = 5;
const windowMs = 60_000;

/**
 * Says in the agent's log when a target begins to fail, and when it works again. A network that breaks takes many targets
 * along, so only the first few lines of a minute are about one target each; the rest is one line at the minute's end.
 */
export class TargetLog {
  readonly #clock: Clock;
  readonly #log: Logger;
  #lines = 0;
  /** By URL, how the targets ended up that got no line of their own: down for a reason, or up again. */
  readonly #others = new Map<string, DownTarget | undefined>();
  #refused = "";
  #cancelWindow: (() => void) | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `previous` is the result of the scrape before, of the same target. */
  note(url: string, { failure }: ScrapeResult, previous: ScrapeResult | undefined): void {
    const wasDown = previous?.failure !== undefined;
    if (wasDown === (failure !== undefined)) return;
    this.#cancelWindow ??= this.#clock.after(windowMs, () => this.close());
    const down = failure && { url, ...failure };
    if (this.#lines === linesInWindow) this.#others.set(url, down);
    else this.#say(url, down);
  }

  noteRefused(refused: readonly RefusedTarget[]): void {
    const reason = describeRefused(refused);
    if (reason !== this.#refused && reason !== "") this.#log.warn("targets are refused", { reason });
    this.#refused = reason;
  }

  /** Says what is left to say. */
  close(): void {
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    this.#lines = 0;
    const down = [...this.#others.values()].filter((target) => target !== undefined);
    const up = this.#others.size - down.length;
    this.#others.clear();
    if (down.length > 0) {
      this.#log.warn("more targets are down", { targets: down.length, reasons: describeFailures(down) });
    }
    if (up > 0) this.#log.info("more targets are up again", { targets: up });
  }

  #say(url: string, down: DownTarget | undefined): void {
    this.#lines++;
    if (down === undefined) this.#log.info("target is up again", { url });
    else this.#log.warn("target is down", { url, reason: down.message });
  }
}
