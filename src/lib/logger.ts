export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * A fixed message, and fields for what varies; `error` may hold an Error. Warn: degraded, recovers alone. Error: data
 * was lost or a person is needed.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;
