import {
  effectiveUser,
  numberOf,
  openFilesLimit,
  type PidStat,
  parseCmdline,
  parsePidStat,
} from "../../formats/procfs/pid-files.ts";
import { type Counts, countsOf } from "./counts.ts";
import { Group } from "./group.ts";
import { type Candidate, groupOf, type Matcher } from "./matcher.ts";
import type { ProcFolder } from "./proc-folder.ts";
import type { Slices } from "./slices.ts";

export interface ProcessTableOptions {
  readonly matchers: readonly Matcher[];
  /** Descendants of a process belong to its group, unless they match by themselves. */
  readonly trackChildren: boolean;
  readonly trackThreads: boolean;
  readonly gatherSmaps: boolean;
  /** Looks at the names of known processes too, which may have changed. */
  readonly recheck: boolean;
  readonly removeEmptyGroups: boolean;
}

interface Known {
  readonly pid: string;
  stat: PidStat;
  /** Undefined: it is nobody's. */
  group: string | undefined;
  /** Absent until it has been looked at for the first time as a member of its group. */
  counts?: Counts;
  readonly threads: Map<string, { readonly start: number; counts: Counts }>;
}

/**
 * The processes there are, the groups they belong to, and what the groups have used.
 *
 *     every pid ─► stat ─► known? ─► no: matchers ─► no match: the group of the nearest ancestor that has one
 *                           └─ yes ──────────────────────┴─► members only: io, status, fd, limits, smaps, threads ─► group
 */
export class ProcessTable {
  readonly groups = new Map<string, Group>();
  /** Members of which something could not be read, mostly for want of rights. */
  partialErrors = 0;
  /** Processes that were there and could not be read at all. */
  readErrors = 0;
  readonly #folder: ProcFolder;
  readonly #options: ProcessTableOptions;
  readonly #users = new Map<string, string>();
  readonly #userNames: () => ReadonlyMap<string, string>;
  #known = new Map<string, Known>();
  #bootSeconds = 0;

  constructor(folder: ProcFolder, options: ProcessTableOptions, userNames: () => ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#options = options;
    this.#userNames = userNames;
  }

  /** One round. Rejects where there is no /proc. */
  async update(slices: Slices): Promise<void> {
    this.#bootSeconds = numberOf((this.#folder.read("stat") ?? "").replace(/^btime /m, "btime:"), "btime");
    const fresh = await this.#list(slices);
    if (this.#options.trackChildren) for (const known of fresh) known.group ??= this.#inherited(known);
    for (const group of this.groups.values()) group.startRound();
    for (const known of this.#known.values()) {
      if (known.group !== undefined) await this.#measure(known, this.#group(known.group), slices);
    }
    for (const [name, group] of this.groups) {
      group.endRound();
      if (this.#options.removeEmptyGroups && group.gauges.processes === 0) this.groups.delete(name);
    }
  }

  /** Brings the table up to date, and returns those of which it is not known yet whose they are. */
  async #list(slices: Slices): Promise<Known[]> {
    const next = new Map<string, Known>();
    const fresh: Known[] = [];
    for (const pid of this.#folder.pids()) {
      await slices.next();
      const stat = parsePidStat(this.#folder.read(`${pid}/stat`) ?? "");
      if (stat === undefined) continue;
      const before = this.#known.get(pid);
      const isSame = before !== undefined && before.stat.startTicks === stat.startTicks;
      const known: Known = isSame ? before : { pid, stat, group: undefined, threads: new Map() };
      known.stat = stat;
      next.set(pid, known);
      if (isSame && !this.#options.recheck) continue;
      known.group = groupOf(this.#candidate(known), this.#options.matchers) ?? known.group;
      fresh.push(known);
    }
    this.#known = next;
    return fresh;
  }

  /** The group of the nearest ancestor that has one. The way up ends: a parent that is its own ancestor cannot be. */
  #inherited({ stat }: Known): string | undefined {
    let parent = this.#known.get(String(stat.parent));
    for (let steps = 0; parent !== undefined && steps < this.#known.size; steps++) {
      if (parent.group !== undefined) return parent.group;
      parent = this.#known.get(String(parent.stat.parent));
    }
    return undefined;
  }

  #group(name: string): Group {
    const group = this.groups.get(name) ?? new Group();
    this.groups.set(name, group);
    return group;
  }

  async #measure(known: Known, group: Group, slices: Slices): Promise<void> {
    await slices.next();
    if (!this.#measureProcess(known, group)) return;
    if (this.#options.trackThreads && known.stat.threads > 1) await this.#measureThreads(known, group, slices);
    else group.countWchan(this.#folder.read(`${known.pid}/wchan`));
  }

  /** False: it is gone. */
  #measureProcess(known: Known, group: Group): boolean {
    const { pid, stat } = known;
    const { gauges } = group;
    const status = this.#folder.read(`${pid}/status`);
    if (status === undefined) {
      this.readErrors++;
      return false;
    }
    const io = this.#folder.read(`${pid}/io`);
    const openFiles = this.#folder.openFiles(pid);
    const smaps = this.#options.gatherSmaps ? this.#folder.read(`${pid}/smaps_rollup`) : "";
    if (io === undefined || openFiles === undefined || smaps === undefined) this.partialErrors++;
    const counts = countsOf(stat, status, io ?? "");
    group.counts.add(counts, known.counts ?? counts);
    known.counts = counts;
    gauges.processes++;
    gauges.threads += stat.threads;
    gauges.virtualBytes += stat.virtualBytes;
    gauges.residentBytes += numberOf(status, "VmRSS") * 1024;
    gauges.swappedBytes += numberOf(status, "VmSwap") * 1024;
    gauges.proportionalBytes += numberOf(smaps ?? "", "Pss") * 1024;
    gauges.proportionalSwapBytes += numberOf(smaps ?? "", "SwapPss") * 1024;
    gauges.oldestStart = Math.min(gauges.oldestStart, Math.floor(this.#startSeconds(stat)));
    if (openFiles !== undefined) {
      gauges.openFiles += openFiles;
      const limit = openFilesLimit(this.#folder.read(`${pid}/limits`) ?? "");
      gauges.worstFdRatio = Math.max(gauges.worstFdRatio, openFiles / limit);
    }
    group.countState(stat.state);
    return true;
  }

  async #measureThreads({ pid, threads }: Known, group: Group, slices: Slices): Promise<void> {
    const alive = new Set<string>();
    for (const tid of this.#folder.threads(pid)) {
      await slices.next();
      const path = `${pid}/task/${tid}`;
      const stat = parsePidStat(this.#folder.read(`${path}/stat`) ?? "");
      if (stat === undefined) continue;
      const counts = countsOf(stat, this.#folder.read(`${path}/status`) ?? "", this.#folder.read(`${path}/io`) ?? "");
      const before = threads.get(tid);
      const ofName = group.thread(stat.comm);
      ofName.alive++;
      ofName.counts.add(counts, before?.start === stat.startTicks ? before.counts : counts);
      threads.set(tid, { start: stat.startTicks, counts });
      group.countWchan(this.#folder.read(`${path}/wchan`));
      alive.add(tid);
    }
    for (const tid of threads.keys()) if (!alive.has(tid)) threads.delete(tid);
  }

  #candidate({ pid, stat }: Known): Candidate {
    let cmdline: readonly string[] | undefined;
    return {
      comm: () => stat.comm,
      cmdline: () => (cmdline ??= parseCmdline(this.#folder.read(`${pid}/cmdline`) ?? "")),
      username: () => this.#userName(effectiveUser(this.#folder.read(`${pid}/status`) ?? "")),
      pid: () => pid,
      startTime: () =>
        `${new Date(this.#startSeconds(stat) * 1000).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`,
      cgroups: () => `[${cgroupsOf(this.#folder.read(`${pid}/cgroup`) ?? "").join(" ")}]`,
    };
  }

  #startSeconds({ startTicks }: PidStat): number {
    return this.#bootSeconds + startTicks / 100;
  }

  /** A user without a name is called by its number. */
  #userName(uid: string): string {
    if (!this.#users.has(uid)) this.#users.set(uid, this.#userNames().get(uid) ?? uid);
    return this.#users.get(uid) ?? uid;
  }
}

/** `0::/system.slice/ssh.service`: the path of each hierarchy. */
function cgroupsOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":").slice(2).join(":"));
}
