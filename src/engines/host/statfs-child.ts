import { isUtf8 } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import type { FileSystemStats, StatFs } from "./collector.ts";
import { errnoOf } from "./errno-text.ts";

/** As `stat --file-system` of coreutils and of busybox prints them: bsize, blocks, bfree, bavail, files, ffree. */
const format = "%s %b %f %a %c %d";

/** How a command line gets a path that is not UTF-8: Node's arguments are texts, standard input is bytes. */
const fromInput = ["xargs", "-0", "stat", "-f", "-c", format, "--"];

/** Another name for `stat`, and what comes before its arguments: for tests. */
export type StatCommand = readonly [command: string, ...args: string[]];

/**
 * statfs(2) in a child process, one per call. A call to a server that is gone never returns and cannot be taken back;
 * in this process it would hold one of the four threads that all files, name look-ups and compression share. A child
 * that hangs costs nothing, and is left alone: whoever asks learns by its end that the server is back.
 */
export class StatfsChildren {
  readonly #fallback: StatFs;
  readonly #command: StatCommand;
  readonly #running = new Set<ChildProcess>();

  /** `fallback` answers on a machine that has no such program. */
  constructor(fallback: StatFs, command: StatCommand = ["stat", "-f", "-c", format, "--"]) {
    this.#fallback = fallback;
    this.#command = command;
  }

  /** Rejects with an errno, as fs.statfs does. */
  readonly statfs: StatFs = (path) => {
    const [program, ...args] = isUtf8(path) ? [...this.#command, path.toString()] : fromInput;
    const env = { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C" };
    const child = spawn(program ?? "stat", args, { env, stdio: "pipe" });
    this.#running.add(child);
    child.stdin.on("error", () => {});
    child.stdin.end(isUtf8(path) ? "" : Buffer.concat([path, Buffer.from([0])]));
    const [out, err] = [collected(child.stdout), collected(child.stderr)];
    return new Promise((resolve, reject) => {
      child.once("error", () => this.#fallback(path).then(resolve, reject));
      child.once("close", (code) => {
        this.#running.delete(child);
        // A program that could not be started has no number: the fallback is at work.
        if (child.pid === undefined) return;
        if (code === 0) resolve(statsOf(out()));
        else reject(failureOf(err()));
      });
    });
  };

  /** Ends the children, or leaves behind those that cannot be ended: they do not keep this process alive. */
  close(): void {
    for (const child of this.#running) {
      child.kill("SIGKILL");
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    }
  }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function statsOf(text: string): FileSystemStats {
  const [bsize, blocks, bfree, bavail, files, ffree] = text.trim().split(" ").map(Number);
  return { bsize: bsize!, blocks: blocks!, bfree: bfree!, bavail: bavail!, files: files!, ffree: ffree! };
}

/** `stat: cannot read file system information for '/mnt': Stale file handle` */
function failureOf(text: string): Error {
  const said = text.trim().split(": ").at(-1) ?? "";
  return Object.assign(new Error(`stat: ${said}`), { errno: errnoOf(said) ?? 0 });
}
