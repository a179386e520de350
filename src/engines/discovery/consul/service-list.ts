import type { TargetGroup } from "../../../signals/targets.ts";
import type { Sink } from "../search.ts";

/**
 * Holds the first answers back until every service of the catalogue has been heard of, so that the first set of targets is
 * a whole one. Then it passes everything on.
 */
export class ServiceList {
  readonly #sink: Sink;
  #services: readonly string[] | undefined;
  /** Services that have answered, or failed to. */
  readonly #heard = new Set<string>();
  readonly #held: TargetGroup[] = [];
  #isOpen = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  retain(services: readonly string[]): void {
    this.#services = services;
    if (this.#isOpen) this.#sink.retain(services);
    else this.#openIfComplete();
  }

  update(group: TargetGroup): void {
    if (this.#isOpen) this.#sink.update([group]);
    else this.#held.push(group);
    this.#hear(group.source);
  }

  alive(source: string): void {
    if (this.#isOpen) this.#sink.alive(source);
  }

  fail(error: unknown, source: string): void {
    this.#sink.fail(error, source);
    this.#hear(source);
  }

  /** Waits no longer. */
  open(): void {
    if (this.#isOpen || this.#services === undefined) return;
    this.#isOpen = true;
    if (this.#held.length > 0) this.#sink.update(this.#held);
    this.#sink.retain(this.#services);
  }

  #hear(source: string): void {
    this.#heard.add(source);
    this.#openIfComplete();
  }

  #openIfComplete(): void {
    if (this.#services?.every((service) => this.#heard.has(service))) this.open();
  }
}
