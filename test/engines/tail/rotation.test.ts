import {
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { TailOptions } from "../../../src/engines/tail/tail-options.ts";
import { Tailing } from "../../support/tailing.ts";

interface Case {
  readonly name: string;
  readonly patterns?: readonly string[];
  readonly options?: Partial<TailOptions>;
  /** Before the first start. */
  before?(tailing: Tailing): void;
  /** Goes on in one step, between two looks. `isOpen`: the agent has the files open. */
  event(tailing: Tailing, isOpen: boolean): void;
}

function move(tailing: Tailing, ...names: string[]): void {
  // The oldest first: a.log.1 to a.log.2, then a.log to a.log.1.
  for (let at = names.length - 1; at > 0; at--) renameSync(tailing.path(names[at - 1]!), tailing.path(names[at]!));
}

function copyTruncate(tailing: Tailing, name: string, copy: string): void {
  copyFileSync(tailing.path(name), tailing.path(copy));
  truncateSync(tailing.path(name));
}

function pack(tailing: Tailing, name: string, as: string): void {
  const bytes = readFileSync(tailing.path(name));
  writeFileSync(tailing.path(as), as.endsWith(".gz") ? gzipSync(bytes) : zstdCompressSync(bytes));
  unlinkSync(tailing.path(name));
}

const cases: readonly Case[] = [
  {
    name: "rename and create, with late writes to the old file",
    event(tailing) {
      tailing.writeLines("a.log", 3);
      move(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log.1", 2);
      tailing.writeLines("a.log", 4);
    },
  },
  {
    name: "rename and create, both names in the glob",
    patterns: ["a.log*"],
    event(tailing) {
      tailing.writeLines("a.log", 3);
      move(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log.1", 2);
      tailing.writeLines("a.log", 4);
    },
  },
  {
    name: "rotated three times while busy",
    event(tailing) {
      for (let times = 0; times < 3; times++) {
        tailing.writeLines("a.log", 50);
        move(tailing, "a.log", ...["a.log.1", "a.log.2", "a.log.3"].slice(0, times + 1));
      }
      tailing.writeLines("a.log", 7);
    },
  },
  {
    name: "rotated to dated names, while a new file is longer than the old one",
    event(tailing) {
      tailing.writeLines("a.log", 2);
      move(tailing, "a.log", "a.log-20260101");
      tailing.writeLines("a.log", 500);
      move(tailing, "a.log", "a.log-20260102");
      tailing.writeLines("a.log", 900);
    },
  },
  {
    name: "rotated to names that the glob has, too",
    patterns: ["a*.log"],
    event(tailing) {
      tailing.writeLines("a.log", 2);
      move(tailing, "a.log", "a-1.log");
      tailing.writeLines("a.log", 5);
    },
  },
  {
    name: "copytruncate, then less than before",
    event(tailing) {
      tailing.writeLines("a.log", 5);
      copyTruncate(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log", 2);
    },
  },
  {
    name: "copytruncate, then more than before",
    event(tailing) {
      tailing.writeLines("a.log", 5);
      copyTruncate(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log", 500);
    },
  },
  {
    name: "copytruncate twice, the copies in the glob",
    patterns: ["a.log*"],
    event(tailing) {
      tailing.writeLines("a.log", 5);
      copyTruncate(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log", 20);
      move(tailing, "a.log.1", "a.log.2");
      copyTruncate(tailing, "a.log", "a.log.1");
      tailing.writeLines("a.log", 1);
    },
  },
  {
    name: "copytruncate, the copy packed",
    event(tailing) {
      tailing.writeLines("a.log", 5);
      copyTruncate(tailing, "a.log", "a.log.1");
      pack(tailing, "a.log.1", "a.log.1.gz");
      tailing.writeLines("a.log", 5);
    },
  },
  {
    name: "deleted while open, and another one of the name",
    event(tailing, isOpen) {
      if (isOpen) tailing.writeLines("a.log", 5);
      unlinkSync(tailing.path("a.log"));
      tailing.writeLines("a.log", 3);
    },
  },
  {
    name: "a symbolic link that is switched",
    patterns: ["current.log"],
    before(tailing) {
      tailing.write("real-one", "");
      tailing.write("real-two", "");
      symlinkSync("real-one", tailing.path("current.log"));
      tailing.writeLines("real-one", 3);
    },
    event(tailing) {
      tailing.writeLines("real-one", 4);
      symlinkSync("real-two", tailing.path("new-link"));
      renameSync(tailing.path("new-link"), tailing.path("current.log"));
      tailing.writeLines("real-two", 5);
    },
  },
  ...["gz", "zst"].map((format) => ({
    name: `rotated and packed as ${format}`,
    event(tailing: Tailing) {
      tailing.writeLines("a.log", 5);
      move(tailing, "a.log", "a.log.1");
      pack(tailing, "a.log.1", `a.log.1.${format}`);
      tailing.writeLines("a.log", 3);
    },
  })),
  {
    name: "rotated twice, both packed",
    event(tailing) {
      tailing.writeLines("a.log", 5);
      move(tailing, "a.log", "a.log.1");
      pack(tailing, "a.log.1", "a.log.2.gz");
      tailing.writeLines("a.log", 3);
      move(tailing, "a.log", "a.log.1");
      pack(tailing, "a.log.1", "a.log.1.gz");
      tailing.writeLines("a.log", 3);
    },
  },
  {
    name: "the same inode with new content of the same size",
    event(tailing) {
      const { length } = readFileSync(tailing.path("a.log"));
      const line = `another content ${"x".repeat(length)}`.slice(0, length - 1);
      tailing.written.push(line);
      writeFileSync(tailing.path("a.log"), `${line}\n`);
    },
  },
  {
    name: "truncated, and longer at once",
    event(tailing) {
      truncateSync(tailing.path("a.log"));
      tailing.writeLines("a.log", 100);
    },
  },
  {
    name: "a hard link of another name",
    patterns: ["*.log"],
    event(tailing) {
      linkSync(tailing.path("a.log"), tailing.path("b.log"));
      tailing.writeLines("b.log", 5);
    },
  },
  {
    name: "renamed over by another file",
    event(tailing, isOpen) {
      if (isOpen) tailing.writeLines("a.log", 2);
      tailing.writeLines("next", 7);
      renameSync(tailing.path("next"), tailing.path("a.log"));
    },
  },
  {
    name: "few descriptors",
    options: { maxOpenFiles: 1 },
    before(tailing) {
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
    },
    event(tailing) {
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
      move(tailing, "a.log", "a.log.1");
      move(tailing, "b.log", "b.log.1");
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
    },
  },
];

function begin({ patterns, options, before }: Case, tailing: Tailing): void {
  if (before === undefined) tailing.writeLines("a.log", 10);
  else before(tailing);
  tailing.start(patterns, options);
}

async function allArrive(tailing: Tailing): Promise<void> {
  await tailing.until(() => tailing.missing.length === 0);
  // What comes twice comes soon after, or at the next search.
  await tailing.pass(25_000);
}

describe.each(cases)("$name", (one) => {
  test("nothing is lost or repeated while the agent runs", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    one.event(tailing, true);
    await allArrive(tailing);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });

  test("nothing is lost or repeated where the agent was stopped meanwhile", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    await tailing.stop();
    one.event(tailing, false);
    tailing.start(one.patterns, one.options);
    await allArrive(tailing);
    await tailing.stop();
    tailing.start(one.patterns, one.options);
    await tailing.pass(25_000);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });

  test("nothing is lost where the agent was killed, and only what came after the last snapshot is repeated", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    const delivered = tailing.lines().join("\n").length + 1;
    await tailing.until(() => tailing.savedBytes === delivered);
    tailing.writeLines(one.patterns?.includes("current.log") ? "real-one" : "a.log", 6);
    await tailing.until(() => tailing.missing.length === 0);
    await tailing.kill();
    one.event(tailing, false);
    tailing.start(one.patterns, one.options);
    await allArrive(tailing);
    expect(tailing.surplus).toBeLessThanOrEqual(6);
    await tailing.stop();
  });

  test.each(["refuses", "waits"] as const)("nothing is lost or repeated while the receiver %s", async (mood) => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    tailing.mood = mood;
    one.event(tailing, true);
    await tailing.pass(90_000);
    tailing.mood = "takes";
    await allArrive(tailing);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });
});
