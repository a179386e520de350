import { excerpt, priorityOf, SyslogError, type SyslogMessage } from "./syslog-message.ts";
import { bsdNanoseconds, rfc3339Nanoseconds } from "./syslog-timestamp.ts";

/** Either the time of RFC 3164, or that of RFC 3339, which rsyslog's forward format has in its place. */
const time = /(?:([A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:.]+)|(\d{4}-\d\d-\d\dT\S+)) /y;
/** Not a tag, which ends with a colon or has a process id in brackets. */
const host = /([^\s:[\]]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]+) (?=\S)/y;
const tag = /([^\s:[\]]{1,255})(?:\[([^\]\s]*)\])?: ?/y;

/**
 * What network devices of Cisco have in the place of time and host: `29: 000046: router1: *Oct  8 12:46:48.467 UTC: `, a
 * counter, a sequence number, the host, a sign of a clock that is not in step, and a zone; all but the time may be missing.
 */
const cisco =
  /(?:[0-9]+: ){0,2}(?:([^\s:[\]]+): )?[*.]?([A-Z][a-z]{2} [ 0-9]?[0-9]) (?:\d{4} )?([0-9:]+(?:\.[0-9]+)?)(?: [A-Z]{1,5})?: /y;

/**
 * `<34>Oct 11 22:14:15 host app[8710]: message` (RFC 3164, section 4.1). Everything after the priority may be missing; what
 * cannot be told is the message. `nowMs` is what the year is guessed by. Throws a SyslogError.
 */
export function parseRfc3164(text: string, nowMs: number): SyslogMessage {
  const priority = priorityOf(text);
  if (priority === undefined) throw new SyslogError(`expected a priority such as <34>, got ${excerpt(text, 0)}`);
  const { facility, severity } = priority;
  const { timestamp, hostname, end } = headerAt(text, priority.end, nowMs);
  const [start, fields] = tagAt(text, end);
  return {
    facility,
    severity,
    ...(timestamp !== undefined && { timestamp }),
    ...(hostname !== undefined && { hostname }),
    ...fields,
    structuredData: [],
    message: text.slice(start),
  };
}

interface Header {
  readonly timestamp?: bigint;
  readonly hostname?: string | undefined;
  /** Where what follows it begins. */
  readonly end: number;
}

/** Time and host; nothing where there is no time. */
function headerAt(text: string, at: number, nowMs: number): Header {
  const [device, deviceName, day = "", clock = ""] = matchAt(cisco, text, at);
  const ofDevice = bsdNanoseconds(`${day} ${clock}`, nowMs);
  if (ofDevice !== undefined) return { timestamp: ofDevice, hostname: deviceName, end: at + device.length };
  const [wholeTime, bsdTime = "", isoTime = ""] = matchAt(time, text, at);
  const timestamp = bsdNanoseconds(bsdTime, nowMs) ?? rfc3339Nanoseconds(isoTime);
  if (timestamp === undefined) return { end: at };
  const [wholeHost, hostname] = matchAt(host, text, at + wholeTime.length);
  return { timestamp, hostname, end: at + wholeTime.length + wholeHost.length };
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
