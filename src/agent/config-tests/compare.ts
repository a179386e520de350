import { formatRfc3339 } from "../../lib/rfc3339.ts";
import type { TestEntry } from "./test-file.ts";

type LabelRecord = Readonly<Record<string, string>>;

/** An entry that came out; one of relabel rules has labels only. */
export interface FoundEntry {
  readonly line?: string;
  readonly labels: LabelRecord;
  readonly metadata?: LabelRecord;
  /** RFC 3339 with nine digits. */
  readonly time?: string;
}

/**
 * What is not as expected: `-` is what should be, `+` what is. Of an entry only those parts matter that the test names;
 * labels and metadata are then compared as a whole.
 */
export function compareEntries(expected: readonly TestEntry[], found: readonly FoundEntry[]): string[] {
  const count = Math.max(expected.length, found.length);
  return Array.from({ length: count }, (_, at) => compareEntry(at + 1, expected[at], found[at])).flat();
}

function compareEntry(number: number, expected: TestEntry | undefined, found: FoundEntry | undefined): string[] {
  if (expected === undefined && found !== undefined)
    return [`entry ${number} should not be there:`, ...parts("+", found)];
  if (found === undefined && expected !== undefined)
    return [`entry ${number} is missing:`, ...parts("-", shown(expected))];
  const [want, have] = [texts(shown(expected ?? {})), texts(found ?? {})];
  const wrong = Object.keys(want).filter((part) => want[part] !== have[part]);
  if (wrong.length === 0) return [];
  return [
    `entry ${number}:`,
    ...wrong.flatMap((part) => [`  - ${part}: ${want[part]}`, `  + ${part}: ${have[part] ?? "none"}`]),
  ];
}

function shown({ time, ...entry }: TestEntry): Partial<FoundEntry> {
  return { ...defined(entry), ...(time !== undefined && { time: formatRfc3339(time) }) };
}

function parts(sign: string, entry: Partial<FoundEntry>): string[] {
  return Object.entries(texts(entry)).map(([part, text]) => `  ${sign} ${part}: ${text}`);
}

function texts({ time, labels, metadata, line }: Partial<FoundEntry>): Readonly<Record<string, string>> {
  return defined({
    time,
    labels: labels && formatLabels(labels),
    metadata: metadata && formatLabels(metadata),
    line: line === undefined ? undefined : JSON.stringify(line),
  });
}

function defined<T extends object>(object: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}

/** In the order of their names; an empty label is none. */
function formatLabels(labels: LabelRecord): string {
  const names = Object.keys(labels).filter((name) => labels[name] !== "");
  return `{${names
    .toSorted()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
    .join(", ")}}`;
}
