import { lines, words } from "./text.ts";

const powers = "kMGTPE";

/** `524M`, `68.4k`, `405`: real fractions here, of powers of 1024. */
export function parseBcachefsNumber(text: string): number {
  const [, number, unit = ""] = /^\s*(-?[0-9.]+)\s*([a-zA-Z]?)\s*$/.exec(text) ?? [];
  const power = powers.toLowerCase().indexOf(unit.toLowerCase()) + 1;
  if (number === undefined || Number.isNaN(Number(number)) || (unit !== "" && power === 0)) {
    throw new Error(`cannot parse ${JSON.stringify(text)} as a number of bcachefs`);
  }
  return Math.trunc(Number(number) * 1024 ** (unit === "" ? 0 : power));
}

/** A table with a heading: the name of each row, without its colon, and the columns behind it, as text. */
export function parseBcachefsTable(text: string): (readonly [name: string, ...columns: string[]])[] {
  const rows = [...lines(text)].slice(1).map(words);
  return rows.flatMap(([name, ...columns]) =>
    name === undefined || columns.length < 2 ? [] : [[name.replace(/:$/, ""), ...columns] as const],
  );
}

/** The file of one counter: its count since the file system was made. */
export function parseBcachefsCounter(text: string): number {
  const [, sinceCreation] = /^since filesystem creation:(.*)$/m.exec(text) ?? [];
  if (sinceCreation !== undefined) return parseBcachefsNumber(sinceCreation);
  if (text.includes("since mount:")) return 0;
  throw new Error("cannot parse a counter of bcachefs");
}

/** Lines `kind count time` of the file errors. */
export function parseBcachefsErrors(text: string): (readonly [kind: string, count: number])[] {
  return [...lines(text)].flatMap((line) => {
    const [kind, count] = words(line);
    return kind === undefined || count === undefined ? [] : [[kind, Number(count)] as const];
  });
}

/** Under `read:` and `write:` lines `type : bytes`. */
export function parseBcachefsIoDone(text: string): (readonly [operation: string, type: string, bytes: number])[] {
  let operation = "";
  return [...lines(text)].flatMap((line) => {
    const [, heading] = /^\s*(read|write):\s*$/.exec(line) ?? [];
    operation = heading ?? operation;
    const [, type, bytes] = /^\s*(\S.*?)\s*:\s*([0-9]+)\s*$/.exec(line) ?? [];
    return type === undefined || operation === "" ? [] : [[operation, type, Number(bytes)] as const];
  });
}

/** Lines `type: count` of the part that counts since the file system was made. */
export function parseBcachefsIoErrors(text: string): (readonly [type: string, count: number])[] {
  const [, sinceCreation = ""] = text.split(/^IO errors since filesystem creation.*$/m);
  const [part = ""] = sinceCreation.split(/^IO errors since /m);
  return [...part.matchAll(/^\s*(\S.*?)\s*:\s*([0-9]+)\s*$/gm)].map(([, type = "", count]) => [type, Number(count)]);
}
