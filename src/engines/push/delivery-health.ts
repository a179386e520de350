import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Outcome } from "./push-client.ts";

export interface DeliveryHealthOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly endpoint: string;
  /** Called when `reason` changes. */
  readonly onChange: () => void;
}

/** An outage shorter than this is nothing that anybody must look at. */
const patienceMs = 60_000;

/** What the outcomes of the attempts say about an endpoint. Logs where things turn, and not every attempt. */
export class DeliveryHealth {
  readonly #options: DeliveryHealthOptions;
  #failing: "no" | "retrying" | "parked" | "rejecting" = "no";
  #cancelPatience: () => void = () => {};
  #reason: string | undefined;
  #lastError: { readonly time: number; readonly message: string } | undefined;
  #lastDelivery: number | undefined;

  constructor(options: DeliveryHealthOptions) {
    this.#options = options;
  }

  /** Why the endpoint is unhealthy; undefined while it is not. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether the last attempt has failed. */
  get isFailing(): boolean {
    return this.#failing !== "no";
  }

  note(outcome: Outcome, records: number): void {
    if (outcome.kind === "delivered") this.#noteDelivery();
    else if (outcome.kind === "fall back") this.#noteFallBack(outcome.reason);
    else if (outcome.kind !== "split") this.#noteFailure(outcome, records);
  }

  /** Lets go of the timer. */
  close(): void {
    this.#cancelPatience();
  }

  /** The last delivery and the last failure, for people; empty where there was none. */
  get last(): { readonly delivery: string; readonly error: string } {
    const { time, message } = this.#lastError ?? {};
    return { delivery: formatTime(this.#lastDelivery), error: `${formatTime(time)} ${message ?? ""}`.trim() };
  }

  #noteDelivery(): void {
    const { clock, log, endpoint } = this.#options;
    this.#lastDelivery = clock.now();
    if (this.#failing === "no") return;
    this.#failing = "no";
    this.#cancelPatience();
    log.info("endpoint takes data again", { endpoint });
    this.#setReason(undefined);
  }

  #noteFallBack(reason: string): void {
    const { log, endpoint } = this.#options;
    log.warn("endpoint does not know remote write 2.0; 1.0 is sent from now on", { endpoint, error: reason });
  }

  #noteFailure(outcome: Failure, records: number): void {
    const { clock, log, endpoint } = this.#options;
    const before = this.#failing;
    this.#lastError = { time: clock.now(), message: outcome.reason };
    this.#failing = states[outcome.kind];
    if (outcome.kind === "reject") log.error("endpoint rejected data", { endpoint, records, error: outcome.reason });
    else if (before !== this.#failing) {
      const message = outcome.kind === "park" ? "endpoint is parked" : "cannot deliver, retrying";
      log.warn(message, { endpoint, error: outcome.reason });
    }
    if (before === "no")
      this.#cancelPatience = clock.after(patienceMs, () => this.#setReason(this.#lastError?.message));
    if (outcome.kind === "park" || this.#reason !== undefined) this.#setReason(outcome.reason);
  }

  #setReason(reason: string | undefined): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#options.onChange();
  }
}

type Failure = Extract<Outcome, { kind: "retry" | "park" | "reject" }>;

const states = { retry: "retrying", park: "parked", reject: "rejecting" } as const;

function formatTime(ms: number | undefined): string {
  return ms === undefined ? "" : new Date(ms).toISOString();
}
