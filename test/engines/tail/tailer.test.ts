import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { encodingNamed } from "../../../src/engines/tail/encoding.ts";
import { realTailFiles, type TailFiles } from "../../../src/engines/tail/tail-files.ts";
import { Tailing } from "../../support/tailing.ts";

test("lines are read as they come, each once, with times that differ", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\ntwo\n");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 2);
  tailing.write("a.log", "three\n");
  tailing.write("b.log", "first\n");
  tailing.clock.setWall(-3_600_000);
  await tailing.until(() => tailing.entries.length === 4);
  expect(tailing.lines("a.log")).toEqual(["one", "two", "three"]);
  expect(tailing.lines("b.log")).toEqual(["first"]);
  const times = tailing.entries.map(({ timestamp }) => timestamp);
  expect(new Set(times).size).toBe(4);
  expect(times.toSorted((a, b) => Number(a - b))).toEqual(times);
  await tailing.stop();
});

test("a stop keeps the position, and the next start goes on", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\nbegin");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  await tailing.stop();
  tailing.write("a.log", "ning\ntwo\n");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 3);
  await tailing.stop();
  expect(tailing.lines()).toEqual(["one", "beginning", "two"]);
});

test("an unfinished line is taken a minute after the file was rotated away, not before", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\nunfinished");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  await tailing.pass(120_000);
  expect(tailing.lines()).toEqual(["one"]);
  renameSync(tailing.path("a.log"), tailing.path("a.log.1"));
  tailing.write("a.log", "new\n");
  await tailing.until(() => tailing.entries.length === 2);
  await tailing.pass(50_000);
  expect(tailing.lines()).toEqual(["one", "new"]);
  tailing.write("a.log.1", "!");
  await tailing.pass(50_000);
  expect(tailing.lines()).toEqual(["one", "new"]);
  await tailing.pass(15_000);
  expect(tailing.lines()).toEqual(["one", "new", "unfinished!"]);
  await tailing.stop();
});

test("an unfinished line is taken half a minute after the file was deleted", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\nunfinished");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  unlinkSync(tailing.path("a.log"));
  await tailing.pass(25_000);
  expect(tailing.lines()).toEqual(["one"]);
  await tailing.pass(20_000);
  expect(tailing.lines()).toEqual(["one", "unfinished"]);
  expect(tailing.tailer?.debug()).toMatchObject({ open_files: 0 });
  await tailing.stop();
});

test("a very long line becomes entries of 256 KiB that say that they go on, and nothing of it is lost", async () => {
  using tailing = new Tailing();
  const long = Array.from({ length: 100_000 }, (_, at) => `${at} `).join("");
  tailing.write("a.log", `before\n${long}\nafter\n`);
  tailing.start();
  await tailing.until(() => tailing.lines().includes("after"));
  const [before, ...pieces] = tailing.entries;
  pieces.pop();
  expect(before?.line).toBe("before");
  expect(pieces.map(({ line }) => line).join("")).toBe(long);
  expect(pieces.map(({ line, isTruncated }) => [line.length, isTruncated])).toEqual([
    [256 * 1024, true],
    [256 * 1024, true],
    [long.length - 512 * 1024, false],
  ]);
  expect(tailing.counts.truncated).toBe(2);
  await tailing.stop();
});

test("a line that is written without an end, for long, comes in pieces", async () => {
  using tailing = new Tailing();
  tailing.start();
  for (let at = 0; at < 20; at++) {
    tailing.write("a.log", "x".repeat(50_000));
    await tailing.pass(1_000);
  }
  expect(tailing.lines().map(({ length }) => length)).toEqual([256 * 1024, 256 * 1024, 256 * 1024]);
  await tailing.stop();
});

test("the hole that a truncated file gets by a writer who goes on at his place is skipped and counted", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\n");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  truncateSync(tailing.path("a.log"), 0);
  truncateSync(tailing.path("a.log"), 1_000_000);
  tailing.write("a.log", "two\n");
  await tailing.until(() => tailing.entries.length === 2);
  expect(tailing.lines()).toEqual(["one", "two"]);
  expect(tailing.counts.nulBytes).toBe(1_000_000);
  await tailing.stop();
});

test("room that a writer took in advance is no hole: it is read when it is filled", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", Buffer.concat([Buffer.from("one\n"), Buffer.alloc(200_000)]));
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  await tailing.pass(5_000);
  const content = readFileSync(tailing.path("a.log"));
  content.write("two\n", 4);
  writeFileSync(tailing.path("a.log"), content, { flag: "r+" });
  await tailing.until(() => tailing.entries.length === 2);
  expect(tailing.lines()).toEqual(["one", "two"]);
  await tailing.stop();
});

test("text of other encodings is decoded: by its byte order mark, by name, and with a count of what is none", async () => {
  using tailing = new Tailing();
  tailing.write("bom8.log", "\ufeffeins\n");
  tailing.write("le.log", Buffer.from("\ufeffzwei ß\r\n", "utf16le"));
  tailing.write("be.log", Buffer.from("\ufeffdrei ß\n", "utf16le").swap16());
  tailing.write("latin.log", Buffer.from("vier ß\n", "latin1"));
  tailing.start(["*.log"], { encoding: encodingNamed("ISO-8859-1")! });
  await tailing.until(() => tailing.entries.length === 4);
  tailing.write("le.log", Buffer.from("fünf\n", "utf16le"));
  await tailing.until(() => tailing.entries.length === 5);
  await tailing.stop();
  tailing.write("le.log", Buffer.from("sechs\n", "utf16le"));
  tailing.write("latin.log", Buffer.from("sieben \xff\n", "latin1"));
  tailing.start(["*.log"]);
  await tailing.until(() => tailing.entries.length === 7);
  await tailing.stop();
  expect(tailing.lines("bom8.log")).toEqual(["eins"]);
  expect(tailing.lines("le.log")).toEqual(["zwei ß", "fünf", "sechs"]);
  expect(tailing.lines("be.log")).toEqual(["drei ß"]);
  expect(tailing.lines("latin.log")).toEqual(["vier ß", "sieben \ufffd"]);
  expect(tailing.counts.invalid).toBe(1);
});

/** The file system, but for what a test has it do. */
function filesWith(change: {
  id?: (id: string, path: string) => string;
  read?: (path: string) => string | undefined;
}): TailFiles {
  const changed = <T extends { id: string }>(stat: T, path: string): T => {
    return { ...stat, id: change.id?.(stat.id, path) ?? stat.id };
  };
  const failed = (path: string) => {
    const code = change.read?.(path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: it fails`), { code });
  };
  return {
    ...realTailFiles,
    async stat(path) {
      const stat = await realTailFiles.stat(path);
      return stat && changed(stat, path);
    },
    async open(path) {
      failed(path);
      const file = await realTailFiles.open(path);
      return {
        stat: async () => changed(await file.stat(), path),
        close: () => file.close(),
        read: async (into, position) => {
          failed(path);
          return file.read(into, position);
        },
      };
    },
  };
}

test("a stale handle of a network file system is opened again", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  let stale = 0;
  tailing.start(["*.log"], { files: filesWith({ read: () => (stale-- > 0 ? "ESTALE" : undefined) }) });
  await tailing.until(() => tailing.missing.length === 0);
  stale = 2;
  tailing.writeLines("a.log", 3);
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.until(() => tailing.health === "healthy");
  await tailing.stop();
});

test("a device that has another number since is the same device where the content is the same", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  tailing.writeLines("a.log", 3);
  tailing.start(["*.log"], { files: filesWith({ id: (id) => `99${id}` }) });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  expect(tailing.surplus).toBe(0);
});

test.each([
  ["while the agent is stopped", true],
  ["while the agent runs", false],
])("an inode that another file gets %s does not make it the same file", async (_when, isStopped) => {
  using tailing = new Tailing();
  // Whatever is created has the inode of what was deleted.
  const files = filesWith({ id: (id, path) => (path.endsWith("a.log") ? "1:1" : id) });
  tailing.writeLines("a.log", 3);
  tailing.start(["*.log"], { files, maxOpenFiles: 1 });
  await tailing.until(() => tailing.missing.length === 0);
  // An inode is free once nobody has it open: another file takes the descriptor.
  tailing.writeLines("b.log", 3);
  await tailing.until(() => tailing.missing.length === 0);
  if (isStopped) await tailing.stop();
  rmSync(tailing.path("a.log"));
  tailing.writeLines("a.log", 300);
  if (isStopped) tailing.start(["*.log"], { files });
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("an inode that the file system itself gives again does not make it the same file", async (context) => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  const { ino } = statSync(tailing.path("a.log"));
  rmSync(tailing.path("a.log"));
  for (let times = 0; times < 100; times++) {
    writeFileSync(tailing.path(`${times}.new`), "");
    if (statSync(tailing.path(`${times}.new`)).ino !== ino) continue;
    renameSync(tailing.path(`${times}.new`), tailing.path("a.log"));
    break;
  }
  if (!existsSync(tailing.path("a.log"))) return context.skip("this file system gives no inode again soon");
  tailing.writeLines("a.log", 300);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test.each([
  ["gz", gzipSync],
  ["zst", zstdCompressSync],
] as const)("a %s archive that is still being written is read as far as it goes, and then on", async (format, pack) => {
  using tailing = new Tailing();
  const lines = Array.from({ length: 50_000 }, (_, at) => `line ${at} of ${(at * 7919) % 104_729} in an archive`);
  const packed = pack(Buffer.from(lines.map((line) => `${line}\n`).join("")));
  tailing.write(`a.${format}`, packed.subarray(0, packed.length / 2));
  tailing.start(["a.*"], { decompression: format });
  await tailing.until(() => tailing.entries.length > 10_000);
  await tailing.pass(5_000);
  tailing.write(`a.${format}`, packed.subarray(packed.length / 2));
  await tailing.until(() => tailing.entries.length >= lines.length);
  await tailing.stop();
  expect(tailing.health).toBe("healthy");
  expect(tailing.lines()).toEqual(lines);
});

test("an archive that is renamed while the agent is stopped is not read again, whatever has its name now", async () => {
  using tailing = new Tailing();
  const pack = (count: number) => gzipSync(`${tailing.linesFor("old.1.gz", count).join("\n")}\n`);
  tailing.write("old.1.gz", pack(10));
  tailing.start(["*.gz"], { decompression: "gz" });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  renameSync(tailing.path("old.1.gz"), tailing.path("old.2.gz"));
  tailing.write("old.1.gz", pack(20));
  tailing.start(["*.gz"], { decompression: "gz" });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.pass(25_000);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("an archive that is damaged is told, and what is good of it is read", async () => {
  using tailing = new Tailing();
  const packed = gzipSync(
    Buffer.from(Array.from({ length: 50_000 }, (_, at) => `line ${at} ${(at * 7919) % 104_729}\n`).join("")),
  );
  // Its checksum.
  packed.fill(0xff, packed.length - 8, packed.length - 4);
  tailing.write("a.gz", packed);
  tailing.writeLines("b.log", 2);
  tailing.start(["*"], { decompression: "gz" });
  await tailing.until(() => tailing.entries.length > 49_000 && (tailing.health?.startsWith("cannot read ") ?? false));
  expect(tailing.missing).toEqual([]);
  await tailing.stop();
});

test("a file that may not be read is told with the remedy, holds up no other, and is read once it may be", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.writeLines("b.log", 3);
  let isForbidden = true;
  const files = filesWith({ read: (path) => (isForbidden && path.endsWith("a.log") ? "EACCES" : undefined) });
  tailing.start(["*.log"], { files });
  await tailing.until(() => tailing.entries.length === 3);
  await tailing.until(() => tailing.health !== undefined);
  const path = tailing.path("a.log");
  expect(tailing.health).toBe(
    `cannot follow ${path}: EACCES: it fails; let the agent's user read it, for example by the group adm`,
  );
  await tailing.pass(60_000);
  expect(tailing.logs.map(({ level, message }) => [level, message])).toEqual([["warn", `cannot follow ${path}`]]);
  isForbidden = false;
  await tailing.until(() => tailing.missing.length === 0 && tailing.health === "healthy");
  await tailing.stop();
});

test.skipIf(process.getuid?.() === 0)("permissions of real files are felt", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  chmodSync(tailing.path("a.log"), 0);
  tailing.start();
  await tailing.until(() => tailing.health !== undefined);
  chmodSync(tailing.path("a.log"), 0o600);
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
});

test("a position that may not be read at a start is kept until it may", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  let isForbidden = true;
  tailing.start(["*.log"], { files: filesWith({ read: () => (isForbidden ? "EACCES" : undefined) }) });
  await tailing.pass(30_000);
  isForbidden = false;
  tailing.writeLines("a.log", 1);
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("a folder that is replaced by another is followed by its name", async () => {
  using tailing = new Tailing();
  tailing.writeLines("app/a.log", 3);
  tailing.start(["app/*.log"]);
  await tailing.until(() => tailing.missing.length === 0);
  renameSync(tailing.path("app"), tailing.path("old"));
  tailing.writeLines("app/a.log", 300);
  await tailing.until(() => tailing.missing.length === 0);
  rmSync(tailing.path("app"), { recursive: true });
  tailing.writeLines("app/b.log", 2);
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("tail_from_end is for the files of the very first start; what comes later is read from its beginning", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "old\n");
  tailing.start(["*.log"], { fromEnd: true });
  await tailing.pass(5_000);
  tailing.writeLines("a.log", 1);
  tailing.writeLines("b.log", 1);
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  tailing.writeLines("c.log", 1);
  tailing.start(["*.log"], { fromEnd: true });
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("positions of another agent are taken over at the very first start", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "old\n");
  tailing.writeLines("a.log", 2);
  tailing.writeLines("b.log", 2);
  const legacy = async () =>
    new Map([
      [tailing.path("a.log"), 4],
      [tailing.path("b.log"), 4_000_000],
    ]);
  tailing.start(["*.log"], { legacy });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  tailing.start(["*.log"], { legacy });
  await tailing.pass(5_000);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test.each([
  [false, ["old", "new"]],
  [true, ["new"]],
])("damaged positions are put aside, and files begin where the user says (at the end: %s)", async (isEnd, lines) => {
  using tailing = new Tailing();
  tailing.write("a.log", "old\n");
  mkdirSync(join(tailing.dir.path, "data"));
  writeFileSync(join(tailing.dir.path, "data/positions.json"), '{"version":1,"pos');
  tailing.start(["*.log"], { fromEndIfDamaged: isEnd });
  await tailing.pass(5_000);
  tailing.write("a.log", "new\n");
  await tailing.until(() => tailing.lines().includes("new"));
  await tailing.stop();
  expect(tailing.lines()).toEqual(lines);
  expect(tailing.logs.map(({ level }) => level)).toEqual(["error"]);
  expect(readdirSync(join(tailing.dir.path, "data"))).toHaveLength(2);
});

test("what the receiver does not have comes again after a kill, and what it had for long does not", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start();
  await tailing.until(() => tailing.savedBytes > 0);
  tailing.mood = "waits";
  tailing.writeLines("a.log", 3);
  await tailing.pass(30_000);
  await tailing.kill();
  tailing.mood = "takes";
  expect(tailing.entries).toHaveLength(3);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("a snapshot holds no position that was acknowledged within the last two seconds; a stop saves all", async () => {
  using tailing = new Tailing();
  tailing.start();
  const acknowledged: { at: number; bytes: number }[] = [];
  let bytes = 0;
  while (tailing.clock.monotonic() < 25_000) {
    tailing.write("a.log", "x\n");
    bytes += 2;
    await tailing.until(() => tailing.entries.length * 2 === bytes);
    acknowledged.push({ at: tailing.clock.monotonic(), bytes });
    const settled = acknowledged.findLast(({ at }) => at <= tailing.clock.monotonic() - 2_000)?.bytes ?? 0;
    expect(tailing.savedBytes).toBeLessThanOrEqual(settled);
  }
  expect(tailing.savedBytes).toBeGreaterThan(0);
  await tailing.stop();
  expect(tailing.savedBytes).toBe(bytes);
});

test("a file whose entries wait at the receiver holds up no other, and has a few batches there", async () => {
  using tailing = new Tailing();
  let waiting = 0;
  const receive = async ({ stream, lines }: { stream: readonly string[]; lines: readonly string[] }) => {
    if (stream.join().includes("slow.log")) {
      waiting++;
      await new Promise(() => {});
    }
    for (const line of lines) tailing.entries.push({ file: "", line, timestamp: 0n, isTruncated: false });
  };
  tailing.writeLines("slow.log", 40_000);
  tailing.written.length = 0;
  tailing.writeLines("a.log", 10_000);
  tailing.start(["*.log"], { output: { receive }, limits: { reading: 16, unacknowledged: 512 * 1024 } });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.until(() => waiting === 4);
  await tailing.pass(10_000);
  expect(waiting).toBe(4);
  await tailing.stop();
});

/** A batch is acknowledged when the next one comes. */
function acknowledgingLate(tailing: Tailing) {
  let acknowledge = () => {};
  const receive = ({ lines }: { lines: readonly string[] }) => {
    acknowledge();
    for (const line of lines) tailing.entries.push({ file: "", line, timestamp: 0n, isTruncated: false });
    return new Promise<void>((resolve) => {
      acknowledge = resolve;
    });
  };
  return { receive };
}

test("a file is read on while the receiver waits for the lines behind those that it has, and so is what is written to it", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 10_000);
  tailing.start(["a.log"], { output: acknowledgingLate(tailing) });
  await tailing.until(() => tailing.missing.length === 0);
  tailing.writeLines("a.log", 3);
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
  // The last lines were never acknowledged.
  expect(tailing.savedBytes).toBeGreaterThan(64 * 1024);
  expect(tailing.savedBytes).toBeLessThan(tailing.written.join("\n").length);
});

test("a file is read on in the one that it was rotated to make room for, while the receiver waits for lines behind its last", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start(["a.log"], { output: acknowledgingLate(tailing) });
  await tailing.until(() => tailing.missing.length === 0);
  renameSync(tailing.path("a.log"), tailing.path("a.log.1"));
  tailing.writeLines("a.log", 3);
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.lines()).toEqual(tailing.written);
  await tailing.stop();
});

test("what was copied between two looks is found, although the copy of what was read turns up later", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 10);
  tailing.start(["a.log"]);
  await tailing.until(() => tailing.missing.length === 0);
  const { size, mtimeMs } = statSync(tailing.path("a.log"));
  const at = (name: string, second: number) =>
    utimesSync(tailing.path(name), mtimeMs / 1000 + second, mtimeMs / 1000 + second);
  copyFileSync(tailing.path("a.log"), tailing.path("still-unnamed"));
  at("still-unnamed", 1);
  tailing.writeLines("a.log.1", 5);
  at("a.log.1", 2);
  // As long as what was read, so that only its bytes tell that it is another content.
  tailing.written.push("x".repeat(size - 1));
  writeFileSync(tailing.path("a.log"), `${tailing.written.at(-1)}\n`);
  at("a.log", 3);
  await tailing.pass(5_000);
  renameSync(tailing.path("still-unnamed"), tailing.path("a.log.2"));
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("files take turns: a large one does not keep a small one waiting", async () => {
  using tailing = new Tailing();
  const order: string[] = [];
  const receive = async ({ stream }: { stream: readonly string[] }) => {
    order.push(stream.join());
  };
  tailing.write("large.log", "a line of a large file\n".repeat(50_000));
  tailing.write("small.log", "a line\n");
  tailing.start(["*.log"], { output: { receive }, limits: { reading: 1, unacknowledged: 1 } });
  await tailing.until(() => order.length === 19);
  const small = order.findIndex((stream) => stream.includes("small.log"));
  expect(small).toBeLessThanOrEqual(2);
  await tailing.stop();
});

test("a target that goes and comes again, or gets other labels, is read on", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 3);
  tailing.start(["a.log"]);
  await tailing.until(() => tailing.missing.length === 0);
  tailing.tailer?.setTargets([]);
  tailing.writeLines("a.log", 3);
  await tailing.pass(5_000);
  expect(tailing.missing).toHaveLength(3);
  tailing.tailer?.setTargets(tailing.targets(["a.log"], [], { job: "a" }));
  await tailing.until(() => tailing.missing.length === 0);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("excluded, old and packed files are left alone", async () => {
  using tailing = new Tailing();
  tailing.write("debug.log", "no\n");
  tailing.write("old.log", "no\n");
  utimesSync(tailing.path("old.log"), 1, 1);
  tailing.write("packed.log", gzipSync("no\n"));
  tailing.write("packed2.log", zstdCompressSync("no\n"));
  tailing.writeLines("a.log", 1);
  tailing.start(["*.log"], { excludes: ["de*.log"], ignoreOlderThanMs: 60_000 });
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.pass(25_000);
  expect(tailing.surplus).toBe(0);
  expect(tailing.logs.map(({ level, message, fields }) => [level, message, fields?.reason]).sort()).toEqual([
    ["info", "a file is left alone", "a gz archive, which is read only with `decompression`"],
    ["info", "a file is left alone", "a zst archive, which is read only with `decompression`"],
  ]);
  await tailing.stop();
});

test.each([
  ["gz", gzipSync],
  ["zst", zstdCompressSync],
] as const)(
  "with decompression, %s archives are read once, but for what was read before they were packed",
  async (format, pack) => {
    using tailing = new Tailing();
    const options = { decompression: format };
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at} of an archive`);
    tailing.written.push(...lines);
    tailing.write(`a.log.2.${format}`, pack(Buffer.from(lines.map((line) => `${line}\n`).join(""))));
    tailing.writeLines("a.log", 10);
    tailing.start(["a.log*"], options);
    await tailing.until(() => tailing.missing.length === 0);
    renameSync(tailing.path("a.log"), tailing.path("a.log.1"));
    writeFileSync(tailing.path(`a.log.1.${format}`), pack(readFileSync(tailing.path("a.log.1"))));
    unlinkSync(tailing.path("a.log.1"));
    tailing.writeLines("a.log", 3);
    await tailing.until(() => tailing.missing.length === 0);
    await tailing.pass(100_000);
    await tailing.stop();
    tailing.start(["a.log*"], options);
    await tailing.pass(25_000);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  },
);

test("what was overwritten before it was read is searched for, then counted and told", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 1);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  tailing.mood = "refuses";
  tailing.write("a.log", "lost\n");
  await tailing.pass(5_000);
  truncateSync(tailing.path("a.log"));
  await tailing.pass(5_000);
  expect(tailing.counts.lost).toBeUndefined();
  tailing.mood = "takes";
  await tailing.until(() => tailing.counts.lost !== undefined);
  expect(tailing.counts.lost).toBe(5);
  expect(tailing.logs.at(-1)).toMatchObject({ level: "error", fields: { path: tailing.path("a.log"), bytes: 5 } });
  await tailing.stop();
});

test("files that are rotated right after a look at their path, and once more before the next, are not missed", async () => {
  using tailing = new Tailing();
  let looks = Number.NEGATIVE_INFINITY;
  let rotations = 0;
  const rotate = (lines: number) => {
    renameSync(tailing.path("a.log"), tailing.path(`a.log.${++rotations}`));
    tailing.writeLines("a.log", lines);
  };
  const stat = async (path: string) => {
    const look = path.endsWith("a.log") ? ++looks : 0;
    if (look === 2) for (const lines of [5, 6]) rotate(lines);
    const found = await realTailFiles.stat(path);
    if (look === 1) rotate(4);
    return found;
  };
  tailing.writeLines("a.log", 3);
  tailing.start(["a.log"], { files: { ...realTailFiles, stat } });
  await tailing.until(() => tailing.missing.length === 0);
  rotate(3);
  looks = 0;
  await tailing.until(() => looks >= 2 && tailing.missing.length === 0);
  await tailing.pass(25_000);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("a copy that is seen while it is made is not read as a file of its own", async () => {
  using tailing = new Tailing();
  tailing.writeLines("a.log", 100);
  tailing.start(["a*"]);
  await tailing.until(() => tailing.missing.length === 0);
  const content = readFileSync(tailing.path("a.log"));
  for (let at = 0; at < content.length; at += 1_000) {
    tailing.write("a-1.log", content.subarray(at, at + 1_000));
    await tailing.pass(1_000);
  }
  truncateSync(tailing.path("a.log"));
  tailing.writeLines("a.log", 3);
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.pass(100_000);
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
});

test("a file that only looks like the copy of another is read in the end", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "header\n".repeat(500));
  tailing.start(["a*"]);
  await tailing.until(() => tailing.entries.length === 500);
  tailing.write("a-1.log", "header\n".repeat(200));
  tailing.write("a-2.log", "");
  await tailing.pass(1_000);
  tailing.writeLines("a-2.log", 1);
  await tailing.until(() => tailing.lines("a-1.log").length === 200 && tailing.missing.length === 0);
  await tailing.stop();
});

test("20,000 files are followed with a bounded number of descriptors", async () => {
  using tailing = new Tailing();
  for (let at = 0; at < 20_000; at++) tailing.write(`${at % 20}/app-${at}.log`, `first of ${at}\n`);
  tailing.start(["**/*.log"], { maxOpenFiles: 100 });
  let open = 0;
  await tailing.until(() => {
    open = Math.max(open, (tailing.tailer!.debug() as { open_files: number }).open_files);
    return tailing.entries.length === 20_000;
  });
  // Those in a turn are beyond the bound.
  expect(open).toBeLessThanOrEqual(100 + 64 + 32);
  tailing.write("7/app-7.log", "one\ntwo\n");
  await tailing.until(() => tailing.entries.length === 20_002);
  await tailing.stop();
  tailing.write("8/app-8.log", "three\nfour\n");
  tailing.start(["**/*.log"], { maxOpenFiles: 100 });
  await tailing.until(() => tailing.entries.length >= 20_004);
  expect(tailing.entries.slice(20_000).map(({ file, line }) => `${file} ${line}`)).toEqual([
    "7/app-7.log one",
    "7/app-7.log two",
    "8/app-8.log three",
    "8/app-8.log four",
  ]);
  await tailing.stop();
}, 120_000);
