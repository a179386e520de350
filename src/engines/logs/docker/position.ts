/** Where in a container's log: behind so many of the lines that have this time. */
export interface LogPosition {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly lines: number;
}

const startOfLog: LogPosition = { time: 0n, lines: 0 };

export function after({ time, lines }: LogPosition, timestamp: bigint): LogPosition {
  return timestamp === time ? { time, lines: lines + 1 } : { time: timestamp, lines: 1 };
}

/** `1767225600.000000001`, as the engine takes it; lines of that very time come again. */
export function sinceParameter({ time }: LogPosition): string {
  return `${time / billion}.${String(time % billion).padStart(9, "0")}`;
}

export function formatPosition({ time, lines }: LogPosition): string {
  return `${time}+${lines}`;
}

/** What cannot be read is the start. */
export function parsePosition(text = ""): LogPosition {
  const [, time = "", lines = ""] = /^(\d{1,19})\+(\d{1,9})$/.exec(text) ?? [];
  return time === "" ? startOfLog : { time: BigInt(time), lines: Number(lines) };
}

const billion = 1_000_000_000n;
