import { type ProcessStat, parseProcessStat } from "../../../formats/procfs/process-stat.ts";
import { unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere } from "../missing.ts";

const threads = gauge("node_processes_threads", "Allocated threads in system");
const maxThreads = gauge("node_processes_max_threads", "Limit of threads in the system");
const states = gauge("node_processes_state", "Number of processes in each state.");
const threadStates = gauge("node_processes_threads_state", "Number of threads in each state.");
const pids = gauge("node_processes_pids", "Number of PIDs");
const maxProcesses = gauge("node_processes_max_processes", "Number of max PIDs limit");

export const processes: CollectorSpec = {
  name: "processes",
  enabledByDefault: false,

  create({ files }) {
    const limit = (name: string) => {
      const text = files.proc(`sys/kernel/${name}`).trim();
      return unsigned(text, name, text);
    };
    return (emit) => {
      const counts = countProcesses(files);
      emit(threads, noLabels, counts.threads);
      emit(maxThreads, noLabels, limit("threads-max"));
      for (const [state, count] of counts.states) emit(states, ["state", state], count);
      for (const [state, count] of counts.threadStates) emit(threadStates, ["thread_state", state], count);
      emit(pids, noLabels, counts.pids);
      emit(maxProcesses, noLabels, limit("pid_max"));
    };
  },
};

function countProcesses(files: HostFiles) {
  const counts = { pids: 0, threads: 0, states: new Map<string, number>(), threadStates: new Map<string, number>() };
  for (const pid of numbersIn(files, "")) {
    const stat = readStat(files, pid);
    if (stat === undefined) continue;
    counts.pids++;
    counts.threads += stat.threads;
    add(counts.states, stat.state);
    // The one thread of most processes is the process: it need not be read again.
    if (stat.threads === 1) add(counts.threadStates, stat.state);
    else countThreads(files, pid, counts.threadStates);
  }
  return counts;
}

function countThreads(files: HostFiles, pid: string, states: Map<string, number>): void {
  for (const tid of numbersIn(files, `${pid}/task`)) {
    const stat = readStat(files, `${pid}/task/${tid}`);
    if (stat !== undefined) add(states, stat.state);
  }
}

function add(states: Map<string, number>, state: string): void {
  states.set(state, (states.get(state) ?? 0) + 1);
}

/** Processes come and go while they are counted: what is gone answers ENOENT or ESRCH. */
const gone = ["ENOENT", "ESRCH"];

function readStat(files: HostFiles, process: string): ProcessStat | undefined {
  const text = ifThere(() => files.procOnce(`${process}/stat`), [...gone, "EACCES", "EPERM"]);
  return text === undefined ? undefined : parseProcessStat(text);
}

function numbersIn(files: HostFiles, folder: string): string[] {
  const names = ifThere(() => files.procNames(folder), folder === "" ? [] : [...gone, "EACCES", "EPERM"]) ?? [];
  return names.filter((name) => /^[0-9]+$/.test(name));
}
