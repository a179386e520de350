import type { Clock } from "../lib/clock.ts";

/** Writes to a descriptor; calls back when done, or with what went wrong. */
export type WriteDescriptor = (descriptor: number, text: string, done: (error: Error | null) => void) => void;

interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: Clock;
  readonly write: WriteDescriptor;
  /** Hears once that systemd could not be told. */
  readonly onFailure: (error: Error) => void;
}

/**
 * What systemd is told (sd_notify(3)): that the agent runs, that it stops, and, twice as often as systemd asks for, that
 * its loop still turns. A loop that stands sends nothing, and systemd ends the process. Without systemd nothing is sent.
 *
 * The socket for it is a descriptor that packaging/systemd/sonde-notify has opened: Node can open none of its kind.
 */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #descriptor: number | undefined;
  #cancel = () => {};
  #hasFailed = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
    this.#descriptor = wholeNumber(options.env.SONDE_NOTIFY_FD);
  }

  ready(): void {
    this.#send("READY=1");
    this.#keepAlive(watchdogMs(this.#options));
  }

  stopping(): void {
    this.#send("STOPPING=1");
  }

  close(): void {
    this.#cancel();
  }

  #keepAlive(intervalMs: number | undefined): void {
    if (this.#descriptor === undefined || intervalMs === undefined) return;
    this.#cancel = this.#options.clock.after(intervalMs / 2, () => {
      this.#send("WATCHDOG=1");
      this.#keepAlive(intervalMs);
    });
  }

  #send(text: string): void {
    if (this.#descriptor === undefined) return;
    this.#options.write(this.#descriptor, text, (error) => {
      if (error === null || this.#hasFailed) return;
      this.#hasFailed = true;
      this.#options.onFailure(error);
    });
  }
}

/** How long systemd waits for a sign of life; undefined when it does not wait, or waits for another process. */
function watchdogMs({ env, pid }: ServiceManagerOptions): number | undefined {
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(pid)) return undefined;
  const microseconds = wholeNumber(env.WATCHDOG_USEC);
  return microseconds === undefined || microseconds === 0 ? undefined : microseconds / 1000;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
