import { describeError } from "../../lib/errors.ts";
import type { DiscoverySurroundings } from "./surroundings.ts";

/**
 * What does not work at present: health and the log are made from it. A failure is logged when it begins and not again
 * while it lasts.
 */
export class Failures {
  readonly #surroundings: Pick<DiscoverySurroundings, "log" | "setHealth">;
  /** Where it fails, to what is wrong in words for the user. */
  #failures = new Map<string, string>();
  #logged: ReadonlySet<string> = new Set();

  constructor(surroundings: Pick<DiscoverySurroundings, "log" | "setHealth">) {
    this.#surroundings = surroundings;
  }

  get size(): number {
    return this.#failures.size;
  }

  of(source: string): string | undefined {
    return this.#failures.get(source);
  }

  /** These of the sources and no others; what is not about a source stays. */
  replaceSources(failures: ReadonlyMap<string, unknown>): void {
    const own = this.#failures.get(handOn);
    this.#failures = new Map([...failures].map(([source, error]) => [source, describeError(error)]));
    if (own !== undefined) this.#failures.set(handOn, own);
    this.#show();
  }

  set(source: string, error: unknown): void {
    this.#failures.set(source, describeError(error));
    this.#show();
  }

  clear(source: string): void {
    if (this.#failures.delete(source)) this.#show();
  }

  retain(sources: ReadonlySet<string>): void {
    for (const source of this.#failures.keys()) {
      if (source !== everything && source !== handOn && !sources.has(source)) this.#failures.delete(source);
    }
    this.#show();
  }

  #show(): void {
    const { log, setHealth } = this.#surroundings;
    const [first, ...others] = new Set(this.#failures.values());
    if (first === undefined) {
      setHealth("healthy");
      if (this.#logged.size > 0) log.info("targets are up to date again");
    } else {
      const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
      setHealth("unhealthy", `${first}${more}; the last good targets stay until it is mended`);
    }
    const texts = new Set(this.#failures.values());
    for (const failure of texts) {
      if (!this.#logged.has(failure)) {
        log.warn("targets cannot be brought up to date, the last good ones stay", { failure });
      }
    }
    this.#logged = texts;
  }
}

/** The place of a failure that is of no single source. */
export const everything = "";

/** The place of a failure of the receivers; no source has this name. */
export const handOn = "\0hand on";
