import { basename } from "node:path";
import { type Re2, spanText } from "../../lib/re2.ts";
import type { NameParts, NameTemplate } from "./name-template.ts";

/** process-exporter's rule for one group: all that is given must match. */
export interface Matcher {
  readonly name: NameTemplate;
  /** One of these is the command, as the kernel has it: 15 bytes. */
  readonly comm: readonly string[] | undefined;
  /** One of these is the first argument: the whole of it where there is a slash in it, else its last part. */
  readonly exe: readonly string[] | undefined;
  /** All of these match the command line, its arguments joined by spaces. */
  readonly cmdline: readonly Re2[] | undefined;
}

export interface Candidate extends Omit<NameParts, "matches" | "exeBase" | "exeFull"> {
  readonly cmdline: () => readonly string[];
}

/** The group of a process: that of the first matcher which matches; undefined if none does. */
export function groupOf(candidate: Candidate, matchers: readonly Matcher[]): string | undefined {
  for (const matcher of matchers) {
    const matches = matchesOf(candidate, matcher);
    if (matches !== undefined) return matcher.name({ ...candidate, ...exeOf(candidate), matches });
  }
  return undefined;
}

/** What the regular expressions caught, by name. */
function matchesOf(candidate: Candidate, { comm, exe, cmdline }: Matcher): ReadonlyMap<string, string> | undefined {
  if (comm !== undefined && !comm.includes(candidate.comm())) return undefined;
  if (exe !== undefined && !isExe(candidate.cmdline()[0], exe)) return undefined;
  const matches = new Map<string, string>();
  if (cmdline === undefined) return matches;
  const text = candidate.cmdline().join(" ");
  for (const pattern of cmdline) {
    const spans = pattern.find(text);
    if (spans === undefined) return undefined;
    // Of groups with the same name the last one counts, as in process-exporter.
    for (const [name, groups] of pattern.groups) matches.set(name, spanText(text, spans, groups.at(-1) ?? 0));
  }
  return matches;
}

function isExe(first: string | undefined, names: readonly string[]): boolean {
  if (first === undefined) return false;
  return names.some((name) => (name.includes("/") ? name === first : name === basename(first)));
}

/** A process without a command line (a kernel thread) is called by its command. */
function exeOf({ comm, cmdline }: Candidate): Pick<NameParts, "exeBase" | "exeFull"> {
  const exeFull = () => cmdline()[0] ?? comm();
  return { exeFull, exeBase: () => (cmdline()[0] === undefined ? comm() : basename(exeFull())) };
}
