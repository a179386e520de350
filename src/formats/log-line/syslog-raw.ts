import { priorityOf, type SyslogMessage } from "./syslog-message.ts";

/** Any line: a priority at its beginning is taken off, the rest is the message. */
export function parseRawSyslog(text: string): SyslogMessage {
  const priority = priorityOf(text);
  if (priority === undefined) return { structuredData: [], message: text.trim() };
  const { facility, severity, end } = priority;
  return { facility, severity, structuredData: [], message: text.slice(end).trim() };
}
