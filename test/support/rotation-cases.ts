import {
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { LogFolder } from "./log-folder.ts";

/** Something that happens to files that an agent follows, and that must cost no line. */
export interface RotationCase {
  readonly name: string;
  /** What the agent follows in the folder; `*.log` where it is left out. */
  readonly patterns?: readonly string[];
  /** The file that a program writes to at any time; `a.log` where it is left out. */
  readonly active?: string;
  /** Before the first start; ten lines of the active file where it is left out. */
  before?(folder: LogFolder): void;
  /** Goes on in one step. `isOpen`: the agent has the files open, so that what is deleted at once is not lost. */
  event(folder: LogFolder, isOpen: boolean): void;
}

export const rotationCases: readonly RotationCase[] = [
  {
    name: "rename and create, with late writes to the old file",
    event(folder) {
      folder.writeLines("a.log", 3);
      move(folder, "a.log", "a.log.1");
      folder.writeLines("a.log.1", 2);
      folder.writeLines("a.log", 4);
    },
  },
  {
    name: "rename and create, both names in the glob",
    patterns: ["a.log*"],
    event(folder) {
      folder.writeLines("a.log", 3);
      move(folder, "a.log", "a.log.1");
      folder.writeLines("a.log.1", 2);
      folder.writeLines("a.log", 4);
    },
  },
  {
    name: "rotated three times while busy",
    event(folder) {
      for (let times = 0; times < 3; times++) {
        folder.writeLines("a.log", 50);
        move(folder, "a.log", ...["a.log.1", "a.log.2", "a.log.3"].slice(0, times + 1));
      }
      folder.writeLines("a.log", 7);
    },
  },
  {
    name: "rotated to dated names, while a new file is longer than the old one",
    event(folder) {
      folder.writeLines("a.log", 2);
      move(folder, "a.log", "a.log-20260101");
      folder.writeLines("a.log", 500);
      move(folder, "a.log", "a.log-20260102");
      folder.writeLines("a.log", 900);
    },
  },
  {
    name: "rotated to names that the glob has, too",
    patterns: ["a*.log"],
    event(folder) {
      folder.writeLines("a.log", 2);
      move(folder, "a.log", "a-1.log");
      folder.writeLines("a.log", 5);
    },
  },
  {
    name: "copytruncate, then less than before",
    event(folder) {
      folder.writeLines("a.log", 5);
      copyTruncate(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 2);
    },
  },
  {
    name: "copytruncate, then more than before",
    event(folder) {
      folder.writeLines("a.log", 5);
      copyTruncate(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 500);
    },
  },
  {
    name: "copytruncate twice, the copies in the glob",
    patterns: ["a.log*"],
    event(folder) {
      folder.writeLines("a.log", 5);
      copyTruncate(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 20);
      move(folder, "a.log.1", "a.log.2");
      copyTruncate(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 1);
    },
  },
  {
    name: "copytruncate twice, then as long as at first",
    event(folder) {
      const { size, mtimeMs } = statSync(folder.path("a.log"));
      folder.writeLines("a.log", 5);
      copyTruncate(folder, "a.log", "a.log.1");
      folder.writeLines("a.log", 5);
      move(folder, "a.log.1", "a.log.2");
      copyTruncate(folder, "a.log", "a.log.1");
      writeAs(folder, "a.log", size);
      // A run of logrotate takes longer than the clock of a file system takes to tick.
      for (const [at, name] of ["a.log.2", "a.log.1", "a.log"].entries()) {
        utimesSync(folder.path(name), mtimeMs / 1000, mtimeMs / 1000 + at + 1);
      }
    },
  },
  {
    name: "copytruncate, the copy packed",
    event(folder) {
      folder.writeLines("a.log", 5);
      copyTruncate(folder, "a.log", "a.log.1");
      pack(folder, "a.log.1", "a.log.1.gz");
      folder.writeLines("a.log", 5);
    },
  },
  {
    name: "deleted while open, and another one of the name",
    event(folder, isOpen) {
      if (isOpen) folder.writeLines("a.log", 5);
      unlinkSync(folder.path("a.log"));
      folder.writeLines("a.log", 3);
    },
  },
  {
    name: "a symbolic link that is switched",
    patterns: ["current.log"],
    active: "current.log",
    before(folder) {
      folder.write("real-one", "");
      folder.write("real-two", "");
      symlinkSync("real-one", folder.path("current.log"));
      folder.writeLines("real-one", 3);
    },
    event(folder) {
      folder.writeLines("real-one", 4);
      symlinkSync("real-two", folder.path("new-link"));
      renameSync(folder.path("new-link"), folder.path("current.log"));
      folder.writeLines("real-two", 5);
    },
  },
  ...["gz", "zst"].map((format) => ({
    name: `rotated and packed as ${format}`,
    event(folder: LogFolder) {
      folder.writeLines("a.log", 5);
      move(folder, "a.log", "a.log.1");
      pack(folder, "a.log.1", `a.log.1.${format}`);
      folder.writeLines("a.log", 3);
    },
  })),
  {
    name: "rotated twice, both packed",
    event(folder) {
      folder.writeLines("a.log", 5);
      move(folder, "a.log", "a.log.1");
      pack(folder, "a.log.1", "a.log.2.gz");
      folder.writeLines("a.log", 3);
      move(folder, "a.log", "a.log.1");
      pack(folder, "a.log.1", "a.log.1.gz");
      folder.writeLines("a.log", 3);
    },
  },
  {
    name: "the same inode with new content of the same size",
    event(folder) {
      writeAs(folder, "a.log", statSync(folder.path("a.log")).size);
    },
  },
  {
    name: "truncated, and longer at once",
    event(folder) {
      truncateSync(folder.path("a.log"));
      folder.writeLines("a.log", 100);
    },
  },
  {
    name: "a hard link of another name",
    patterns: ["*.log"],
    event(folder) {
      linkSync(folder.path("a.log"), folder.path("b.log"));
      folder.writeLines("b.log", 5);
    },
  },
  {
    name: "renamed over by another file",
    event(folder, isOpen) {
      if (isOpen) folder.writeLines("a.log", 2);
      folder.writeLines("next", 7);
      renameSync(folder.path("next"), folder.path("a.log"));
    },
  },
];

/** One line in place of all content, so many bytes long. */
function writeAs(folder: LogFolder, name: string, size: number): void {
  const line = `another content ${"x".repeat(size)}`.slice(0, size - 1);
  folder.written.push(line);
  writeFileSync(folder.path(name), `${line}\n`);
}

export function move(folder: LogFolder, ...names: string[]): void {
  // The oldest first: a.log.1 to a.log.2, then a.log to a.log.1.
  for (let at = names.length - 1; at > 0; at--) renameSync(folder.path(names[at - 1]!), folder.path(names[at]!));
}

function copyTruncate(folder: LogFolder, name: string, copy: string): void {
  copyFileSync(folder.path(name), folder.path(copy));
  truncateSync(folder.path(name));
}

function pack(folder: LogFolder, name: string, as: string): void {
  const bytes = readFileSync(folder.path(name));
  writeFileSync(folder.path(as), as.endsWith(".gz") ? gzipSync(bytes) : zstdCompressSync(bytes));
  unlinkSync(folder.path(name));
}
