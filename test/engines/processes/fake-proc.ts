import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FakeProcess {
  readonly comm: string;
  readonly cmdline?: readonly string[];
  readonly parent?: number;
  readonly state?: string;
  readonly start?: number;
  /** User time in hundredths of a second; the other counters are made of it. */
  readonly used?: number;
  readonly openFiles?: number;
  readonly uid?: number;
  /** Others may not look at what it reads, writes and opens. */
  readonly isForeign?: boolean;
  readonly threads?: readonly FakeProcess[];
}

/** A /proc of processes that a test invents. */
export class FakeProc {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    writeFileSync(join(path, "stat"), "cpu 1 2 3\nbtime 1700000000\n");
  }

  set(pid: number, process: FakeProcess): void {
    const folder = join(this.path, String(pid));
    writeCommon(folder, pid, process);
    writeFileSync(join(folder, "cmdline"), (process.cmdline ?? [process.comm]).map((text) => `${text}\0`).join(""));
    writeFileSync(join(folder, "limits"), "Limit  Soft Limit  Hard Limit  Units\nMax open files  100  200  files\n");
    writeFileSync(join(folder, "cgroup"), "0::/system.slice/app.service\n");
    if (process.isForeign) return;
    writeFileSync(join(folder, "smaps_rollup"), "0-1 ---p [rollup]\nRss: 9 kB\nPss:  5 kB\nSwapPss:  2 kB\n");
    for (let fd = 0; fd < (process.openFiles ?? 0); fd++)
      mkdirSync(join(folder, "fd", String(fd)), { recursive: true });
    mkdirSync(join(folder, "fd"), { recursive: true });
    for (const [at, thread] of (process.threads ?? []).entries()) {
      writeCommon(join(folder, "task", String(pid + at)), pid + at, thread);
    }
  }

  delete(pid: number): void {
    rmSync(join(this.path, String(pid)), { recursive: true });
  }
}

function writeCommon(folder: string, pid: number, process: FakeProcess): void {
  const { comm, parent = 1, state = "S", start = 100, used = 0, uid = 1000, threads = [] } = process;
  mkdirSync(folder, { recursive: true });
  const count = Math.max(1, threads.length);
  writeFileSync(
    join(folder, "stat"),
    `${pid} (${comm}) ${state} ${parent} ${pid} ${pid} 0 -1 0 ${used + 1} 0 ${used + 2} 0 ${used} ${used + 3} 0 0 20 0 ${count} 0 ${start} 4096000 7 18446744073709551615\n`,
  );
  writeFileSync(
    join(folder, "status"),
    `Name:\t${comm}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nVmRSS:\t   28 kB\nVmSwap:\t    4 kB\nvoluntary_ctxt_switches:\t${used + 4}\nnonvoluntary_ctxt_switches:\t${used + 5}\n`,
  );
  writeFileSync(join(folder, "wchan"), state === "S" ? "do_select" : "0");
  if (process.isForeign) return;
  writeFileSync(
    join(folder, "io"),
    `rchar: 1\nread_bytes: ${used * 10}\nwrite_bytes: ${used * 20}\ncancelled_write_bytes: 3\n`,
  );
}
