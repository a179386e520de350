export const syslogFormats = ["rfc5424", "rfc3164", "raw"] as const;
export type SyslogFormat = (typeof syslogFormats)[number];

/** What a message of syslog says, whichever format it came in. What it leaves open is left out. */
export interface SyslogMessage {
  readonly facility?: string;
  readonly severity?: string;
  /** Nanoseconds since the epoch. */
  readonly timestamp?: bigint;
  readonly hostname?: string;
  readonly appName?: string;
  readonly procId?: string;
  readonly msgId?: string;
  readonly structuredData: readonly SyslogParameter[];
  readonly message: string;
}

/** `[id name="value"]` of RFC 5424. */
export interface SyslogParameter {
  readonly id: string;
  readonly name: string;
  readonly value: string;
}

/** A message that is not in its format; says where it went wrong. */
export class SyslogError extends Error {}

/** Keywords of RFC 5427, as Alloy has them. */
const facilities =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console cron2 local0 local1 local2 local3 local4 local5 local6 local7".split(
    " ",
  );
const severities = "emergency alert critical error warning notice informational debug".split(" ");

export interface Priority {
  readonly facility: string;
  readonly severity: string;
  /** Where what follows it begins. */
  readonly end: number;
}

/** `<165>` at the beginning of a message; undefined where there is none, or one that is out of range. */
export function priorityOf(text: string): Priority | undefined {
  const [whole = "", digits = ""] = /^<([0-9]{1,3})>/.exec(text) ?? [];
  const facility = facilities[Number(digits) >> 3];
  const severity = severities[Number(digits) & 7];
  if (whole === "" || facility === undefined || severity === undefined) return undefined;
  return { facility, severity, end: whole.length };
}

/** For an error: how the text goes on. */
export function excerpt(text: string, at: number): string {
  return at >= text.length ? "the end" : JSON.stringify(text.slice(at, at + 30));
}
