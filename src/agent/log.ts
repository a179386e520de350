import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { LogFields, Logger, LogLevel } from "../lib/logger.ts";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "logfmt" | "json";
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A line that says the same again within this time is counted, not printed. */
const repeatWindowMs = 60_000;
const rememberedLines = 1000;

/** The agent's own log: one line an event, on standard error. `also` gets each line that is printed, and who says it. */
export class Log {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #recent = new Map<string, { until: number; repeated: number }>();
  readonly #lines: Record<LogLevel, number> = { debug: 0, info: 0, warn: 0, error: 0 };
  readonly #also: (line: string, component: unknown) => void;
  #options: LogOptions = { level: "info", format: "logfmt" };

  constructor(
    write: (line: string) => void,
    clock: Clock,
    also: (line: string, component: unknown) => void = () => {},
  ) {
    this.#write = write;
    this.#also = also;
    this.#clock = clock;
  }

  configure(options: LogOptions): void {
    this.#options = options;
  }

  /** Events by level, printed or not. */
  get lines(): Readonly<Record<LogLevel, number>> {
    return this.#lines;
  }

  logger(fields: LogFields = {}): Logger {
    const emit = (level: LogLevel) => (message: string, more?: LogFields) => {
      this.#emit(level, message, { ...fields, ...more });
    };
    return { debug: emit("debug"), info: emit("info"), warn: emit("warn"), error: emit("error") };
  }

  #emit(level: LogLevel, message: string, fields: LogFields): void {
    this.#lines[level]++;
    if (levels.indexOf(level) < levels.indexOf(this.#options.level)) return;
    const said = { level, msg: message, ...fields };
    const repeated = this.#repeats(formatLogfmt(said));
    if (repeated === undefined) return;
    const line = { ts: new Date(this.#clock.now()).toISOString(), ...said, ...(repeated > 0 ? { repeated } : {}) };
    const text = this.#options.format === "json" ? formatJson(line) : formatLogfmt(line);
    this.#write(text);
    this.#also(text, fields.component);
  }

  /** Undefined: said a moment ago, keep quiet. Otherwise how often it was kept quiet since it was last printed. */
  #repeats(text: string): number | undefined {
    const now = this.#clock.monotonic();
    const recent = this.#recent.get(text);
    if (recent !== undefined && now < recent.until) {
      recent.repeated++;
      return undefined;
    }
    this.#recent.delete(text);
    this.#recent.set(text, { until: now + repeatWindowMs, repeated: 0 });
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= rememberedLines) break;
      this.#recent.delete(oldest);
    }
    return recent?.repeated ?? 0;
  }
}

function formatLogfmt(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${quote(plain(value))}`)
    .join(" ");
}

function formatJson(fields: LogFields): string {
  return JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? describeError(value) : value));
}

function plain(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function quote(text: string): string {
  return /^[^\s"=\p{C}]+$/u.test(text) ? text : JSON.stringify(text);
}
