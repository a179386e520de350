import { malformed, unsigned } from "./text.ts";

/** What is counted of /proc/<pid>/stat and of the same file of a thread. */
export interface ProcessStat {
  readonly state: string;
  readonly threads: number;
}

/** The program's name stands in parentheses and may hold some itself, so the fields begin behind the last one. */
export function parseProcessStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  if (!/^[A-Za-z]$/.test(state)) throw malformed("stat of a process", text.trimEnd());
  return { state, threads: unsigned(fields[17], "stat of a process", text.trimEnd()) };
}
