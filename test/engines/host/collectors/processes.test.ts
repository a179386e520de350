import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HostFiles } from "../../../../src/engines/host/host-files.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { filesOf, fixtureExporter, gathered, openBelow } from "../fixture-host.ts";

const tail = "1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 22";

function machine(path: string, pids: number): void {
  mkdirSync(join(path, "proc/sys/kernel"), { recursive: true });
  writeFileSync(join(path, "proc/sys/kernel/threads-max"), "7801\n");
  writeFileSync(join(path, "proc/sys/kernel/pid_max"), "32768\n");
  for (let pid = 1; pid <= pids; pid++) {
    mkdirSync(join(path, `proc/${pid}`));
    writeFileSync(join(path, `proc/${pid}/stat`), `${pid} (a) b) ${pid % 2 === 0 ? "S" : "R"} ${tail}`);
  }
}

test("processes that are gone while they are counted are not counted", async () => {
  using dir = tempDir();
  machine(dir.path, 3);
  rmSync(join(dir.path, "proc/2/stat"));
  // One of its two threads is gone.
  writeFileSync(join(dir.path, "proc/3/stat"), `3 (a) R ${tail.replace("0 1 0", "0 2 0")}`);
  for (const tid of [3, 4]) mkdirSync(join(dir.path, `proc/3/task/${tid}`), { recursive: true });
  writeFileSync(join(dir.path, "proc/3/task/3/stat"), `3 (a) S ${tail}`);
  const { exporter, logged } = fixtureExporter(["processes"], { files: filesOf(dir.path) });
  expect(await gathered(exporter, "node_processes")).toEqual([
    "node_processes_max_processes 32768",
    "node_processes_max_threads 7801",
    "node_processes_pids 2",
    'node_processes_state{state="R"} 2',
    "node_processes_threads 3",
    'node_processes_threads_state{thread_state="R"} 1',
    'node_processes_threads_state{thread_state="S"} 1',
  ]);
  expect(logged).toEqual([]);
  exporter.close();
  expect(openBelow(dir.path)).toBe(0);
});

/** Lists ten thousand processes, of which each is one of two: so many folders take a disk longer than they are worth. */
class Crowd extends HostFiles {
  override procNames(folder: string): string[] {
    return folder === "" ? Array.from({ length: 10_000 }, (_none, at) => String(at + 1)) : super.procNames(folder);
  }

  override procOnce(name: string): string {
    return super.procOnce(name.replace(/^[0-9]+/, (pid) => String(2 - (Number(pid) % 2))));
  }
}

test("ten thousand processes leave no descriptor open", async () => {
  using dir = tempDir();
  machine(dir.path, 2);
  const files = new Crowd(filesOf(dir.path).paths);
  const { exporter } = fixtureExporter(["processes"], { files });
  expect(await gathered(exporter, "node_processes")).toEqual([
    "node_processes_max_processes 32768",
    "node_processes_max_threads 7801",
    "node_processes_pids 10000",
    'node_processes_state{state="R"} 5000',
    'node_processes_state{state="S"} 5000',
    "node_processes_threads 10000",
    'node_processes_threads_state{thread_state="R"} 5000',
    'node_processes_threads_state{thread_state="S"} 5000',
  ]);
  exporter.close();
  expect(openBelow(dir.path)).toBe(0);
});
