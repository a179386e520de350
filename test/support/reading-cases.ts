import { renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { LogFolder } from "./log-folder.ts";
import { move, type RotationCase } from "./rotation-cases.ts";

/** A case that needs more of the config than a pattern: for tests of the whole agent. */
export interface AgentCase extends RotationCase {
  /** Of its `loki.source.file`, besides `paths` and `labels`. */
  readonly source?: object;
  /** Of a `loki.process` behind it. */
  readonly stages?: readonly object[];
  /** The last entry waits for the next one. */
  readonly isLastOpen?: true;
  /** The saved positions are damaged while the agent is down: what was delivered may come again, too. */
  readonly damagesPositions?: true;
}

const halfLine = "begun before the event, ";

/** An entry of Loki, and of `loki.source.file`, is no longer. */
const longest = 256 * 1024;

/** Numbers, so that no piece is like another. */
const longLine = Array.from({ length: (3 * longest) / 8 + 100 }, (_, at) => `${at} `.padStart(8, "-")).join("");

/** What is in the files, and how the agent is told to read it: the rest of what must cost no line. */
export const readingCases: readonly AgentCase[] = [
  {
    name: "archives that are read, one renamed and one new",
    patterns: ["*.gz", "plain.log"],
    active: "plain.log",
    source: { decompression: { enabled: true, format: "gz" } },
    before(folder) {
      folder.writeLines("plain.log", 10);
      writeFileSync(folder.path("old.1.gz"), packedLines(folder, "old.1.gz", 10));
    },
    event(folder) {
      renameSync(folder.path("old.1.gz"), folder.path("old.2.gz"));
      writeFileSync(folder.path("old.1.gz"), packedLines(folder, "old.1.gz", 20));
      folder.writeLines("plain.log", 3);
    },
  },
  {
    name: "a last line that is ended after its file was rotated away",
    active: "b.log",
    before(folder) {
      folder.writeLines("a.log", 5);
      folder.writeLines("b.log", 5);
      folder.write("a.log", halfLine);
    },
    event(folder) {
      move(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 5);
      folder.written.push(`${halfLine}and ended after it`);
      folder.write("a.log.1", "and ended after it\n");
    },
  },
  {
    name: "a line that is longer than an entry, written in two halves",
    active: "b.log",
    before(folder) {
      folder.writeLines("b.log", 5);
      folder.write("a.log", longLine.slice(0, 1.5 * longest));
      folder.written.push(longLine.slice(0, longest));
    },
    event(folder) {
      for (let at = longest; at < longLine.length; at += longest) folder.written.push(longLine.slice(at, at + longest));
      folder.write("a.log", `${longLine.slice(1.5 * longest)}\n`);
      folder.writeLines("a.log", 3);
    },
  },
  {
    name: "UTF-16, bytes that are no text, and a hole",
    active: "b.log",
    before(folder) {
      folder.writeLines("b.log", 5);
      folder.write("16.log", Buffer.from([0xff, 0xfe]));
      folder.write("16.log", utf16Lines(folder, 5));
      folder.writeLines("hole.log", 5);
    },
    event(folder) {
      folder.write("16.log", utf16Lines(folder, 5));
      folder.written.push("a byte \ufffd that is no text");
      folder.write("b.log", Buffer.from("a byte \xff that is no text\n", "latin1"));
      // A writer who does not know that his file was truncated goes on at his place.
      const { size } = statSync(folder.path("hole.log"));
      truncateSync(folder.path("hole.log"));
      truncateSync(folder.path("hole.log"), size);
      folder.writeLines("hole.log", 2);
    },
  },
  {
    name: "blocks of lines that are ended after the event, in a file that is rotated",
    stages: [{ multiline: { firstline: "^line", max_wait_time: "1h" } }],
    isLastOpen: true,
    before(folder) {
      folder.writeLines("a.log", 5);
      writeOfBlock(folder, "a.log", "before");
    },
    event(folder) {
      writeOfBlock(folder, "a.log", "after");
      folder.writeLines("a.log", 2);
      writeOfBlock(folder, "a.log", "the last of the old file");
      move(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 3);
    },
  },
  {
    name: "positions that are damaged while the agent is down",
    damagesPositions: true,
    event(folder) {
      folder.writeLines("a.log", 5);
    },
  },
];

/** Of thousands of files, every tenth is rotated. */
export function manyFiles(count: number): AgentCase {
  const names = Array.from({ length: count }, (_, at) => `${at % 20}/${at}.log`);
  return {
    name: `${count} files`,
    patterns: ["**/*.log"],
    active: "0/0.log",
    before(folder) {
      for (const name of names) folder.writeLines(name, 1);
    },
    event(folder) {
      for (const [at, name] of names.entries()) {
        folder.writeLines(name, 1);
        if (at % 10 === 0) move(folder, name, `${name}.1`);
        if (at % 10 === 0) folder.writeLines(name, 1);
      }
    },
  };
}

function packedLines(folder: LogFolder, name: string, count: number): Buffer {
  return gzipSync(`${folder.linesFor(name, count).join("\n")}\n`);
}

function utf16Lines(folder: LogFolder, count: number): Buffer {
  return Buffer.from(`${folder.linesFor("16.log", count).join("\n")}\n`, "utf16le");
}

/** Another line of the block that was begun last. */
function writeOfBlock(folder: LogFolder, name: string, text: string): void {
  folder.written.push(`${folder.written.pop()}\n  ${text}`);
  folder.write(name, `  ${text}\n`);
}
