import { excerpt, priorityOf, SyslogError, type SyslogMessage, type SyslogParameter } from "./syslog-message.ts";
import { rfc3339Nanoseconds } from "./syslog-timestamp.ts";

/** VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP, after the priority. */
const header = /[1-9][0-9]{0,2} (\S+) (\S+) (\S+) (\S+) (\S+) /y;

/**
 * `<165>1 2026-10-11T22:14:15.003Z host app 8710 ID47 [id name="value"] message` (RFC 5424, section 6). Fields may be longer
 * and hold more than the RFC allows, because senders do that; a timestamp that cannot be read counts as none. Throws a
 * SyslogError.
 */
export function parseRfc5424(text: string): SyslogMessage {
  const priority = priorityOf(text);
  if (priority === undefined) throw new SyslogError(`expected a priority such as <165>, got ${excerpt(text, 0)}`);
  const { facility, severity, end } = priority;
  header.lastIndex = end;
  const match = header.exec(text);
  if (match === null) throw new SyslogError(headerMistake(text, end));
  const [whole, time = "", hostname, appName, procId, msgId] = match;
  const data = parseStructuredData(text, end + whole.length);
  const timestamp = rfc3339Nanoseconds(time);
  return {
    facility,
    severity,
    ...(timestamp !== undefined && { timestamp }),
    ...given("hostname", hostname),
    ...given("appName", appName),
    ...given("procId", procId),
    ...given("msgId", msgId),
    structuredData: data.parameters,
    message: messageAt(text, data.end),
  };
}

function headerMistake(text: string, at: number): string {
  const isOld = /^[A-Z][a-z]{2} [ 0-9]/.test(text.slice(at));
  const hint = isOld ? " (this is RFC 3164: set syslog_format)" : "";
  return `expected version, time, host, app, process and message id, got ${excerpt(text, at)}${hint}`;
}

/** "-" is how the RFC leaves a field out. */
function given<Name extends string>(name: Name, value = "-"): { readonly [N in Name]?: string } {
  return value === "-" ? {} : ({ [name]: value } as { readonly [N in Name]: string });
}

interface StructuredData {
  readonly parameters: readonly SyslogParameter[];
  readonly end: number;
}

const elementStart = /\[([^\s=\]"]+)/y;
const parameter = / +([^\s=\]"]+)="((?:[^"\\]|\\[\s\S])*)"/y;

function parseStructuredData(text: string, start: number): StructuredData {
  if (text[start] === "-") return { parameters: [], end: start + 1 };
  const parameters: SyslogParameter[] = [];
  let at = start;
  for (let id = matchAt(elementStart, text, at); id !== undefined; id = matchAt(elementStart, text, at)) {
    at += id[0].length;
    for (let pair = matchAt(parameter, text, at); pair !== undefined; pair = matchAt(parameter, text, at)) {
      const [whole, name = "", value = ""] = pair;
      parameters.push({ id: id[1] ?? "", name, value: value.replace(/\\(["\\\]])/g, "$1") });
      at += whole.length;
    }
    if (text[at] !== "]") throw new SyslogError(`expected a parameter or ], got ${excerpt(text, at)}`);
    at++;
  }
  if (at === start) throw new SyslogError(`expected structured data or -, got ${excerpt(text, at)}`);
  return { parameters, end: at };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** The message may begin with a byte order mark, which says that it is UTF-8. */
function messageAt(text: string, at: number): string {
  if (at === text.length) return "";
  if (text[at] !== " ") throw new SyslogError(`expected a space before the message, got ${excerpt(text, at)}`);
  return text.slice(text[at + 1] === "\ufeff" ? at + 2 : at + 1);
}
