import type { Clock } from "../../lib/clock.ts";
import { type Labels, noLabels } from "../../signals/labels.ts";
import type { FamilySample, MetricFamily, MetricType } from "../../signals/metric-family.ts";
import type { GrowingCounts } from "./counts.ts";
import type { Group } from "./group.ts";
import { ProcFolder } from "./proc-folder.ts";
import { ProcessTable, type ProcessTableOptions } from "./process-table.ts";
import { Slices } from "./slices.ts";

export interface ProcessExporterOptions extends ProcessTableOptions {
  readonly procfs: string;
  readonly clock: Clock;
  /** Names of users by their numbers. */
  readonly userNames: () => ReadonlyMap<string, string>;
}

/** process-exporter without its server: the same families, by groups of processes. */
export class ProcessExporter {
  readonly #table: ProcessTable;
  readonly #options: ProcessExporterOptions;
  #scrapeErrors = 0;
  #round: Promise<void> | undefined;

  constructor(options: ProcessExporterOptions) {
    this.#options = options;
    this.#table = new ProcessTable(new ProcFolder(options.procfs), options, options.userNames);
  }

  /** One page. Two scrapes at a time share one look at the processes. Rejects where there is no /proc. */
  async gather(): Promise<readonly MetricFamily[]> {
    await this.update();
    return this.#families();
  }

  /** Looks at the processes: what they have used so far is what later scrapes count from. */
  update(): Promise<void> {
    this.#round ??= this.#table
      .update(new Slices(this.#options.clock))
      .catch((error: unknown) => {
        this.#scrapeErrors++;
        throw error;
      })
      .finally(() => {
        this.#round = undefined;
      });
    return this.#round;
  }

  /** The number of processes of each group. */
  groups(): Record<string, number> {
    return Object.fromEntries([...this.#table.groups].map(([name, { gauges }]) => [name, gauges.processes]));
  }

  #families(): MetricFamily[] {
    const { gatherSmaps, trackThreads } = this.#options;
    const page = new Page();
    for (const [name, group] of this.#table.groups) {
      emitCounts(page, "", ["groupname", name], group.counts);
      emitGauges(page, name, group, gatherSmaps);
      if (!trackThreads) continue;
      for (const [threadname, { counts, alive }] of group.threads) {
        const labels = ["groupname", name, "threadname", threadname];
        page.emit("thread_count", labels, alive);
        emitCounts(page, "thread_", labels, counts);
      }
    }
    page.emit("scrape_errors", noLabels, this.#scrapeErrors);
    page.emit("scrape_partial_errors", noLabels, this.#table.partialErrors);
    page.emit("scrape_procread_errors", noLabels, this.#table.readErrors);
    return page.families();
  }
}

const ticksPerSecond = 100;

/** Counters of a group, and the same of its threads: other names for bytes, and another label for their direction. */
function emitCounts(page: Page, prefix: "" | "thread_", labels: Labels, { values }: GrowingCounts): void {
  const [user = 0, system = 0, read = 0, written = 0, major = 0, minor = 0, voluntary = 0, nonvoluntary = 0] = values;
  page.emit(`${prefix}cpu_seconds_total`, withLabel(labels, "mode", "user"), user / ticksPerSecond);
  page.emit(`${prefix}cpu_seconds_total`, withLabel(labels, "mode", "system"), system / ticksPerSecond);
  page.emit(`${prefix}major_page_faults_total`, labels, major);
  page.emit(`${prefix}minor_page_faults_total`, labels, minor);
  page.emit(`${prefix}context_switches_total`, withLabel(labels, "ctxswitchtype", "voluntary"), voluntary);
  page.emit(`${prefix}context_switches_total`, withLabel(labels, "ctxswitchtype", "nonvoluntary"), nonvoluntary);
  if (prefix === "thread_") {
    page.emit("thread_io_bytes_total", withLabel(labels, "iomode", "read"), read);
    page.emit("thread_io_bytes_total", withLabel(labels, "iomode", "write"), written);
  } else {
    page.emit("read_bytes_total", labels, read);
    page.emit("write_bytes_total", labels, written);
  }
}

function emitGauges(page: Page, name: string, { gauges }: Group, withSmaps: boolean): void {
  const labels = ["groupname", name];
  page.emit("num_procs", labels, gauges.processes);
  page.emit("num_threads", labels, gauges.threads);
  page.emit("open_filedesc", labels, gauges.openFiles);
  page.emit("worst_fd_ratio", labels, gauges.worstFdRatio);
  if (gauges.processes > 0) page.emit("oldest_start_time_seconds", labels, gauges.oldestStart);
  const memory = {
    resident: gauges.residentBytes,
    virtual: gauges.virtualBytes,
    swapped: gauges.swappedBytes,
    ...(withSmaps && {
      proportionalResident: gauges.proportionalBytes,
      proportionalSwapped: gauges.proportionalSwapBytes,
    }),
  };
  for (const [memtype, bytes] of Object.entries(memory)) {
    page.emit("memory_bytes", withLabel(labels, "memtype", memtype), bytes);
  }
  for (const [state, count] of Object.entries(gauges.states)) {
    page.emit("states", withLabel(labels, "state", state), count);
  }
  for (const [wchan, count] of gauges.wchans) page.emit("threads_wchan", withLabel(labels, "wchan", wchan), count);
}

/** Label names are in order: `ctxswitchtype` comes before `groupname`, the others in between or behind. */
function withLabel(labels: Labels, name: string, value: string): Labels {
  const at = labels.findIndex((other, index) => index % 2 === 0 && other > name);
  return at < 0 ? [...labels, name, value] : [...labels.slice(0, at), name, value, ...labels.slice(at)];
}

/** process-exporter's types and texts, by the name behind `namedprocess_` or `namedprocess_namegroup_`. */
const specs: Readonly<Record<string, readonly [type: MetricType, help: string]>> = {
  num_procs: ["gauge", "number of processes in this group"],
  num_threads: ["gauge", "Number of threads"],
  cpu_seconds_total: ["counter", "Cpu user usage in seconds"],
  read_bytes_total: ["counter", "number of bytes read by this group"],
  write_bytes_total: ["counter", "number of bytes written by this group"],
  major_page_faults_total: ["counter", "Major page faults"],
  minor_page_faults_total: ["counter", "Minor page faults"],
  context_switches_total: ["counter", "Context switches"],
  memory_bytes: ["gauge", "number of bytes of memory in use"],
  open_filedesc: ["gauge", "number of open file descriptors for this group"],
  worst_fd_ratio: [
    "gauge",
    "the worst (closest to 1) ratio between open fds and max fds among all procs in this group",
  ],
  oldest_start_time_seconds: ["gauge", "start time in seconds since 1970/01/01 of oldest process in group"],
  states: ["gauge", "Number of processes in states Running, Sleeping, Waiting, Zombie, or Other"],
  threads_wchan: ["gauge", "Number of threads in this group waiting on each wchan"],
  thread_count: ["gauge", "Number of threads in this group with same threadname"],
  thread_cpu_seconds_total: ["counter", "Cpu user/system usage in seconds"],
  thread_io_bytes_total: ["counter", "number of bytes read/written by these threads"],
  thread_major_page_faults_total: ["counter", "Major page faults for these threads"],
  thread_minor_page_faults_total: ["counter", "Minor page faults for these threads"],
  thread_context_switches_total: ["counter", "Context switches for these threads"],
  scrape_errors: ["counter", "general scrape errors: no proc metrics collected during a cycle"],
  scrape_procread_errors: ["counter", "incremented each time a proc's metrics collection fails"],
  scrape_partial_errors: [
    "counter",
    "incremented each time a tracked proc's metrics collection fails partially, e.g. unreadable I/O stats",
  ],
};

class Page {
  readonly #samples = new Map<string, FamilySample[]>();

  emit(name: string, labels: Labels, value: number): void {
    const full = `namedprocess_${name.startsWith("scrape_") ? "" : "namegroup_"}${name}`;
    const samples = this.#samples.get(name) ?? [];
    if (samples.length === 0) this.#samples.set(name, samples);
    samples.push({ name: full, labels, value });
  }

  families(): MetricFamily[] {
    return [...this.#samples].map(([name, samples]) => {
      const [type, help] = specs[name]!;
      return { name: samples[0]!.name, type, help, samples };
    });
  }
}
