import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Matcher } from "../../../src/engines/processes/matcher.ts";
import { compileNameTemplate } from "../../../src/engines/processes/name-template.ts";
import { ProcessExporter, type ProcessExporterOptions } from "../../../src/engines/processes/process-exporter.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { compileRe2 } from "../../../src/lib/re2.ts";
import { eventually } from "../../support/eventually.ts";
import { TestProcess } from "../../support/process.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { FakeProc } from "./fake-proc.ts";

function matcher(name: string, rules: { comm?: string[]; exe?: string[]; cmdline?: string[] }): Matcher {
  const { comm, exe, cmdline } = rules;
  return { name: compileNameTemplate(name), comm, exe, cmdline: cmdline?.map(compileRe2) };
}

const byComm = matcher("{{.Comm}}", { cmdline: [".+"] });

function exporterOf(procfs: string, options: Partial<ProcessExporterOptions> = {}): ProcessExporter {
  return new ProcessExporter({
    procfs,
    clock: systemClock,
    userNames: () => new Map([["1000", "alice"]]),
    matchers: [byComm],
    trackChildren: true,
    trackThreads: true,
    gatherSmaps: true,
    recheck: false,
    removeEmptyGroups: false,
    ...options,
  });
}

/** The series of the page whose names begin so, without the common prefix. */
async function gathered(exporter: ProcessExporter, ...names: string[]): Promise<string[]> {
  return renderFamilies(await exporter.gather())
    .split("\n")
    .filter((line) => names.some((name) => new RegExp(`^namedprocess_(namegroup_)?${name}[{ ]`).test(line)))
    .map((line) => line.replace(/^namedprocess_(namegroup_)?/, ""));
}

test("the page of a small machine is process-exporter's", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  proc.set(10, { comm: "web", used: 50, openFiles: 20, start: 500 });
  proc.set(11, { comm: "web", used: 7, openFiles: 3, start: 300, state: "D" });
  proc.set(12, { comm: "a (b) c", state: "Z", isForeign: true });
  const exporter = exporterOf(dir.path);
  await exporter.update();
  proc.set(10, { comm: "web", used: 60, openFiles: 20, start: 500 });
  const page = renderFamilies(await exporter.gather());
  expect(page).toMatchInlineSnapshot(`
    "# HELP namedprocess_namegroup_context_switches_total Context switches
    # TYPE namedprocess_namegroup_context_switches_total counter
    namedprocess_namegroup_context_switches_total{ctxswitchtype="nonvoluntary",groupname="a (b) c"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="nonvoluntary",groupname="web"} 10
    namedprocess_namegroup_context_switches_total{ctxswitchtype="voluntary",groupname="a (b) c"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="voluntary",groupname="web"} 10
    # HELP namedprocess_namegroup_cpu_seconds_total Cpu user usage in seconds
    # TYPE namedprocess_namegroup_cpu_seconds_total counter
    namedprocess_namegroup_cpu_seconds_total{groupname="a (b) c",mode="system"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="a (b) c",mode="user"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="web",mode="system"} 0.1
    namedprocess_namegroup_cpu_seconds_total{groupname="web",mode="user"} 0.1
    # HELP namedprocess_namegroup_major_page_faults_total Major page faults
    # TYPE namedprocess_namegroup_major_page_faults_total counter
    namedprocess_namegroup_major_page_faults_total{groupname="a (b) c"} 0
    namedprocess_namegroup_major_page_faults_total{groupname="web"} 10
    # HELP namedprocess_namegroup_memory_bytes number of bytes of memory in use
    # TYPE namedprocess_namegroup_memory_bytes gauge
    namedprocess_namegroup_memory_bytes{groupname="a (b) c",memtype="proportionalResident"} 0
    namedprocess_namegroup_memory_bytes{groupname="a (b) c",memtype="proportionalSwapped"} 0
    namedprocess_namegroup_memory_bytes{groupname="a (b) c",memtype="resident"} 28672
    namedprocess_namegroup_memory_bytes{groupname="a (b) c",memtype="swapped"} 4096
    namedprocess_namegroup_memory_bytes{groupname="a (b) c",memtype="virtual"} 4.096e+06
    namedprocess_namegroup_memory_bytes{groupname="web",memtype="proportionalResident"} 10240
    namedprocess_namegroup_memory_bytes{groupname="web",memtype="proportionalSwapped"} 4096
    namedprocess_namegroup_memory_bytes{groupname="web",memtype="resident"} 57344
    namedprocess_namegroup_memory_bytes{groupname="web",memtype="swapped"} 8192
    namedprocess_namegroup_memory_bytes{groupname="web",memtype="virtual"} 8.192e+06
    # HELP namedprocess_namegroup_minor_page_faults_total Minor page faults
    # TYPE namedprocess_namegroup_minor_page_faults_total counter
    namedprocess_namegroup_minor_page_faults_total{groupname="a (b) c"} 0
    namedprocess_namegroup_minor_page_faults_total{groupname="web"} 10
    # HELP namedprocess_namegroup_num_procs number of processes in this group
    # TYPE namedprocess_namegroup_num_procs gauge
    namedprocess_namegroup_num_procs{groupname="a (b) c"} 1
    namedprocess_namegroup_num_procs{groupname="web"} 2
    # HELP namedprocess_namegroup_num_threads Number of threads
    # TYPE namedprocess_namegroup_num_threads gauge
    namedprocess_namegroup_num_threads{groupname="a (b) c"} 1
    namedprocess_namegroup_num_threads{groupname="web"} 2
    # HELP namedprocess_namegroup_oldest_start_time_seconds start time in seconds since 1970/01/01 of oldest process in group
    # TYPE namedprocess_namegroup_oldest_start_time_seconds gauge
    namedprocess_namegroup_oldest_start_time_seconds{groupname="a (b) c"} 1.700000001e+09
    namedprocess_namegroup_oldest_start_time_seconds{groupname="web"} 1.700000003e+09
    # HELP namedprocess_namegroup_open_filedesc number of open file descriptors for this group
    # TYPE namedprocess_namegroup_open_filedesc gauge
    namedprocess_namegroup_open_filedesc{groupname="a (b) c"} 0
    namedprocess_namegroup_open_filedesc{groupname="web"} 23
    # HELP namedprocess_namegroup_read_bytes_total number of bytes read by this group
    # TYPE namedprocess_namegroup_read_bytes_total counter
    namedprocess_namegroup_read_bytes_total{groupname="a (b) c"} 0
    namedprocess_namegroup_read_bytes_total{groupname="web"} 100
    # HELP namedprocess_namegroup_states Number of processes in states Running, Sleeping, Waiting, Zombie, or Other
    # TYPE namedprocess_namegroup_states gauge
    namedprocess_namegroup_states{groupname="a (b) c",state="Other"} 0
    namedprocess_namegroup_states{groupname="a (b) c",state="Running"} 0
    namedprocess_namegroup_states{groupname="a (b) c",state="Sleeping"} 0
    namedprocess_namegroup_states{groupname="a (b) c",state="Waiting"} 0
    namedprocess_namegroup_states{groupname="a (b) c",state="Zombie"} 1
    namedprocess_namegroup_states{groupname="web",state="Other"} 0
    namedprocess_namegroup_states{groupname="web",state="Running"} 0
    namedprocess_namegroup_states{groupname="web",state="Sleeping"} 1
    namedprocess_namegroup_states{groupname="web",state="Waiting"} 1
    namedprocess_namegroup_states{groupname="web",state="Zombie"} 0
    # HELP namedprocess_namegroup_threads_wchan Number of threads in this group waiting on each wchan
    # TYPE namedprocess_namegroup_threads_wchan gauge
    namedprocess_namegroup_threads_wchan{groupname="web",wchan="do_select"} 1
    # HELP namedprocess_namegroup_worst_fd_ratio the worst (closest to 1) ratio between open fds and max fds among all procs in this group
    # TYPE namedprocess_namegroup_worst_fd_ratio gauge
    namedprocess_namegroup_worst_fd_ratio{groupname="a (b) c"} 0
    namedprocess_namegroup_worst_fd_ratio{groupname="web"} 0.2
    # HELP namedprocess_namegroup_write_bytes_total number of bytes written by this group
    # TYPE namedprocess_namegroup_write_bytes_total counter
    namedprocess_namegroup_write_bytes_total{groupname="a (b) c"} 0
    namedprocess_namegroup_write_bytes_total{groupname="web"} 200
    # HELP namedprocess_scrape_errors general scrape errors: no proc metrics collected during a cycle
    # TYPE namedprocess_scrape_errors counter
    namedprocess_scrape_errors 0
    # HELP namedprocess_scrape_partial_errors incremented each time a tracked proc's metrics collection fails partially, e.g. unreadable I/O stats
    # TYPE namedprocess_scrape_partial_errors counter
    namedprocess_scrape_partial_errors 2
    # HELP namedprocess_scrape_procread_errors incremented each time a proc's metrics collection fails
    # TYPE namedprocess_scrape_procread_errors counter
    namedprocess_scrape_procread_errors 0
    "
  `);
});

test("matchers are asked in order, and all that one has must match", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  proc.set(10, { comm: "java", cmdline: ["/usr/bin/java", "-Dapp=shop", "Main"] });
  proc.set(11, { comm: "java", cmdline: ["/usr/bin/java", "Main"] });
  proc.set(12, { comm: "postgres", cmdline: ["/opt/pg/postgres", "-D", "x"] });
  proc.set(13, { comm: "postgres", cmdline: ["/usr/bin/postgres"] });
  proc.set(14, { comm: "kthreadd", cmdline: [] });
  const exporter = exporterOf(dir.path, {
    matchers: [
      matcher("{{.ExeBase}}:{{ .Matches.app }}", { comm: ["java"], cmdline: ["-Dapp=(?P<app>\\S+)", "Main$"] }),
      matcher("{{.ExeFull}} of {{.Username}}", { exe: ["/opt/pg/postgres"] }),
      matcher("{{.Cgroups}} {{.StartTime}} {{.PID}}", { exe: ["postgres"] }),
      matcher("kernel {{.ExeBase}}", { comm: ["kthreadd"] }),
    ],
  });
  expect(await gathered(exporter, "num_procs")).toEqual([
    'num_procs{groupname="/opt/pg/postgres of alice"} 1',
    'num_procs{groupname="[/system.slice/app.service] 2023-11-14 22:13:21 +0000 UTC 13"} 1',
    'num_procs{groupname="java:shop"} 1',
    'num_procs{groupname="kernel kthreadd"} 1',
  ]);
});

test("descendants belong to the group of the nearest ancestor that has one, if they shall", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  proc.set(10, { comm: "server" });
  proc.set(9, { comm: "shell", parent: 10 });
  proc.set(8, { comm: "job", parent: 9 });
  proc.set(20, { comm: "loose", parent: 1 });
  const matchers = [matcher("server", { comm: ["server"] })];
  const [tracking, alone] = [true, false].map((trackChildren) => exporterOf(dir.path, { matchers, trackChildren }));
  expect(tracking && (await gathered(tracking, "num_procs"))).toEqual(['num_procs{groupname="server"} 3']);
  expect(alone && (await gathered(alone, "num_procs"))).toEqual(['num_procs{groupname="server"} 1']);
  proc.delete(10);
  proc.delete(9);
  expect(tracking && (await gathered(tracking, "num_procs"))).toEqual(['num_procs{groupname="server"} 1']);
});

test("counters outlive processes and know a number that is given again", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  const exporter = exporterOf(dir.path);
  proc.set(10, { comm: "job", used: 1000 });
  expect(await gathered(exporter, "read_bytes_total")).toEqual(['read_bytes_total{groupname="job"} 0']);
  proc.set(10, { comm: "job", used: 1100 });
  expect(await gathered(exporter, "read_bytes_total")).toEqual(['read_bytes_total{groupname="job"} 1000']);
  proc.set(10, { comm: "job", used: 40, start: 900 });
  expect(await gathered(exporter, "read_bytes_total")).toEqual(['read_bytes_total{groupname="job"} 1000']);
  proc.set(10, { comm: "job", used: 41, start: 900 });
  expect(await gathered(exporter, "read_bytes_total")).toEqual(['read_bytes_total{groupname="job"} 1010']);
  proc.delete(10);
  expect(await gathered(exporter, "read_bytes_total", "num_procs", "oldest_start_time_seconds")).toEqual([
    'num_procs{groupname="job"} 0',
    'read_bytes_total{groupname="job"} 1010',
  ]);
  const forgetful = exporterOf(dir.path, { removeEmptyGroups: true });
  expect(await gathered(forgetful, "num_procs")).toEqual([]);
});

test("a process that changes its name changes its group, if it is looked at again", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  const [keen, lazy] = [exporterOf(dir.path, { recheck: true }), exporterOf(dir.path)];
  proc.set(10, { comm: "sh", used: 1 });
  for (const exporter of [keen, lazy]) await exporter.update();
  proc.set(10, { comm: "app", used: 3 });
  expect(await gathered(keen, "num_procs", "read_bytes_total")).toEqual([
    'num_procs{groupname="app"} 1',
    'num_procs{groupname="sh"} 0',
    'read_bytes_total{groupname="app"} 20',
    'read_bytes_total{groupname="sh"} 0',
  ]);
  expect(await gathered(lazy, "num_procs")).toEqual(['num_procs{groupname="sh"} 1']);
});

test("threads are summed by their names, which are forgotten when nobody has them", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  const exporter = exporterOf(dir.path);
  const threads = (used: number) => [
    { comm: "main", used },
    { comm: "io", used },
    { comm: "io", used, state: "D" },
  ];
  proc.set(10, { comm: "app", threads: threads(0) });
  await exporter.update();
  proc.set(10, { comm: "app", threads: threads(5) });
  expect(await gathered(exporter, "thread_count", "thread_io_bytes_total", "threads_wchan", "num_threads")).toEqual([
    'num_threads{groupname="app"} 3',
    'thread_count{groupname="app",threadname="io"} 2',
    'thread_count{groupname="app",threadname="main"} 1',
    'thread_io_bytes_total{groupname="app",iomode="read",threadname="io"} 100',
    'thread_io_bytes_total{groupname="app",iomode="read",threadname="main"} 50',
    'thread_io_bytes_total{groupname="app",iomode="write",threadname="io"} 200',
    'thread_io_bytes_total{groupname="app",iomode="write",threadname="main"} 100',
    'threads_wchan{groupname="app",wchan="do_select"} 2',
  ]);
  proc.delete(10);
  proc.set(10, { comm: "app", threads: [{ comm: "main" }, { comm: "other" }] });
  expect(await gathered(exporter, "thread_count")).toEqual([
    'thread_count{groupname="app",threadname="main"} 1',
    'thread_count{groupname="app",threadname="other"} 1',
  ]);
});

test("what others hide is counted, and no failure", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  proc.set(10, { comm: "root", isForeign: true });
  const exporter = exporterOf(dir.path);
  const names = ["scrape_errors", "scrape_partial_errors", "scrape_procread_errors", "num_procs"];
  expect(await gathered(exporter, ...names)).toEqual([
    'num_procs{groupname="root"} 1',
    "scrape_errors 0",
    "scrape_partial_errors 1",
    "scrape_procread_errors 0",
  ]);
});

test("without a /proc it rejects, and counts that once there is one", async () => {
  using dir = tempDir();
  const exporter = exporterOf(`${dir.path}/none`);
  await expect(exporter.gather()).rejects.toThrow("ENOENT");
});

test("ten thousand processes leave turns to everybody else", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  // Fifty real folders, and links to them: ten thousand folders take longer to write than to read.
  for (let pid = 1; pid <= 50; pid++) proc.set(pid, { comm: `app${pid}`, openFiles: 5 });
  for (let pid = 51; pid <= 10_000; pid++) symlinkSync(String(1 + (pid % 50)), join(dir.path, String(pid)));
  const exporter = exporterOf(dir.path);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const counts = await gathered(exporter, "num_procs");
  clearInterval(ticking);
  expect(counts).toHaveLength(50);
  expect(new Set(counts.map((line) => line.split(" ")[1]))).toEqual(new Set(["200"]));
  expect(turns).toBeGreaterThan(20);
}, 60_000);

test("live processes are found, with what they use", async () => {
  const mark = `${Math.random()}`.slice(2, 8);
  await using _one = new TestProcess("sleep", [`60.${mark}`]);
  await using _two = new TestProcess("sleep", [`61.${mark}`]);
  const matchers = [matcher("{{.ExeBase}}-{{.Matches.mark}}", { exe: ["sleep"], cmdline: [`(?P<mark>${mark})`] })];
  const exporter = exporterOf("/proc", { matchers });
  await eventually(async () => {
    const lines = await gathered(exporter, "num_procs", "num_threads", "states", "memory_bytes", "open_filedesc");
    const value = (start: string) => Number(lines.find((line) => line.startsWith(start))?.split(" ")[1]);
    expect(lines).toContain(`num_procs{groupname="sleep-${mark}"} 2`);
    expect(lines).toContain(`num_threads{groupname="sleep-${mark}"} 2`);
    expect(lines).toContain(`states{groupname="sleep-${mark}",state="Sleeping"} 2`);
    expect(value(`open_filedesc{groupname="sleep-${mark}"}`)).toBeGreaterThanOrEqual(6);
    expect(value(`memory_bytes{groupname="sleep-${mark}",memtype="resident"}`)).toBeGreaterThan(500_000);
    expect(value(`memory_bytes{groupname="sleep-${mark}",memtype="proportionalResident"}`)).toBeGreaterThan(50_000);
  });
});
