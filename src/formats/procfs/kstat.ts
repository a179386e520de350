import { lines, malformed, unsigned, words } from "./text.ts";

/** A named kstat of ZFS that is a number. */
export interface Kstat {
  readonly name: string;
  readonly value: number;
}

/** KSTAT_DATA_INT64, KSTAT_DATA_UINT64 and KSTAT_DATA_STRING of <sys/kstat.h>. */
const int64 = "3";
const uint64 = "4";

/** A file of named kstats: a line of numbers, the heading `name type data`, and one kstat per line. */
export function parseKstats(text: string, file: string): Kstat[] {
  return kstatRows(text, file)
    .filter(([, type]) => type === uint64 || type === int64)
    .map(([name, , value]) => ({ name, value: unsigned(value, file, `${name} ${value}`) }));
}

/** The kstats of a dataset (objset-0x36); its name may hold blanks. */
export function parseObjset(text: string, file: string): { dataset: string; kstats: Kstat[] } {
  const rows = kstatRows(text, file);
  return {
    dataset: rows.find(([name]) => name === "dataset_name")?.[2] ?? "",
    kstats: rows
      .filter(([, type]) => type === uint64)
      .map(([name, , value]) => ({ name, value: unsigned(value, file, `${name} ${value}`) })),
  };
}

/** The columns of a pool's `io` file: a line of names and one of numbers. */
export function parsePoolIo(text: string, file: string): Kstat[] {
  const all = [...lines(text)];
  const heading = all.findIndex((line) => line.startsWith("nread"));
  if (heading < 0) return [];
  const names = words(all[heading]!);
  const line = all[heading + 1] ?? "";
  const values = words(line);
  return names.map((name, at) => ({ name, value: unsigned(values[at], file, line) }));
}

function kstatRows(text: string, file: string): [name: string, type: string, data: string][] {
  const all = [...lines(text)];
  const heading = all.findIndex((line) => words(line).join(" ") === "name type data");
  if (heading < 0) throw malformed(file, all[0] ?? "");
  return all.slice(heading + 1).flatMap((line) => {
    const [, name = "", type = "", data = ""] = /^(\S+)\s+(\d+)\s+(.*\S)\s*$/.exec(line) ?? [];
    return name === "" ? [] : [[name, type, data] as [string, string, string]];
  });
}
