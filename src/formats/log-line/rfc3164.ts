import { excerpt, priorityOf, SyslogError, type SyslogMessage } from "./syslog-message.ts";
import { bsdNanoseconds, rfc3339Nanoseconds } from "./syslog-timestamp.ts";

/** Either the time of RFC 3164, or that of RFC 3339, which rsyslog's forward format has in its place. */
const time = /(?:([A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:.]+)|(\d{4}-\d\d-\d\dT\S+)) /y;
/** Not a tag, which ends with a colon or has a process id in brackets. */
const host = /([^\s:[\]]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]+) (?=\S)/y;
const tag = /([^\s:[\]]{1,255})(?:\[([^\]\s]*)\])?: ?/y;

/**
 * `<34>Oct 11 22:14:15 host app[8710]: message` (RFC 3164, section 4.1). Everything after the priority may be missing; what
 * cannot be told is the message. `nowMs` is what the year is guessed by. Throws a SyslogError.
 */
export function parseRfc3164(text: string, nowMs: number): SyslogMessage {
  const priority = priorityOf(text);
  if (priority === undefined) throw new SyslogError(`expected a priority such as <34>, got ${excerpt(text, 0)}`);
  const { facility, severity } = priority;
  const [wholeTime, bsdTime = "", isoTime = ""] = matchAt(time, text, priority.end);
  const timestamp = bsdNanoseconds(bsdTime, nowMs) ?? rfc3339Nanoseconds(isoTime);
  if (timestamp === undefined) {
    const [start, fields] = tagAt(text, priority.end);
    return { facility, severity, ...fields, structuredData: [], message: text.slice(start) };
  }
  const afterTime = priority.end + wholeTime.length;
  const [wholeHost, hostname = ""] = matchAt(host, text, afterTime);
  const [start, fields] = tagAt(text, afterTime + wholeHost.length);
  return {
    facility,
    severity,
    timestamp,
    ...(hostname !== "" && { hostname }),
    ...fields,
    structuredData: [],
    message: text.slice(start),
  };
}

function tagAt(text: string, at: number): [end: number, fields: Pick<SyslogMessage, "appName" | "procId">] {
  const [whole, appName = "", procId = ""] = matchAt(tag, text, at);
  if (appName === "") return [at, {}];
  return [at + whole.length, { appName, ...(procId !== "" && { procId }) }];
}

function matchAt(pattern: RegExp, text: string, at: number): [whole: string, ...groups: (string | undefined)[]] {
  pattern.lastIndex = at;
  return (pattern.exec(text) as [string, ...(string | undefined)[]] | null) ?? [""];
}
