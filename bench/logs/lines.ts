import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Backlog {
  readonly files: number;
  readonly mib: number;
}

const levels = ["info", "info", "info", "warn", "error"];
const pieces = 1024;

/** Writes JSON lines of some 200 bytes, numbered by `seq` over all files, and tells how many and of how many bytes. */
export function writeBacklog(folder: string, { files, mib }: Backlog): { lines: number; bytes: number } {
  let seq = 0;
  let bytes = 0;
  for (let file = 0; file < files; file++) {
    const descriptor = openSync(join(folder, `app-${file}.log`), "w");
    const until = ((file + 1) * mib * 2 ** 20) / files;
    while (bytes < until) {
      let text = "";
      for (let n = 0; n < pieces && bytes + text.length < until; n++) text += lineOf(seq++);
      bytes += writeSync(descriptor, text);
    }
    closeSync(descriptor);
  }
  return { lines: seq, bytes };
}

/** A JSON line of some 200 bytes, with its end. */
export function lineOf(seq: number): string {
  const line = {
    seq,
    ts: new Date(1_767_225_600_000 + seq).toISOString(),
    level: levels[seq % levels.length],
    method: "GET",
    path: `/api/v1/items/${(seq * 7919) % 100_003}`,
    status: seq % 97 === 0 ? 500 : 200,
    duration_ms: (seq * 31) % 2000,
    msg: "request handled, the response was sent to the client",
  };
  return `${JSON.stringify(line)}\n`;
}
