import { GrowingCounts } from "./counts.ts";

/** Threads of one name in a group. */
export interface ThreadGroup {
  readonly counts: GrowingCounts;
  /** In the last round. */
  alive: number;
}

export interface Gauges {
  processes: number;
  threads: number;
  residentBytes: number;
  virtualBytes: number;
  swappedBytes: number;
  proportionalBytes: number;
  proportionalSwapBytes: number;
  openFiles: number;
  worstFdRatio: number;
  oldestStart: number;
  readonly states: Record<"Running" | "Sleeping" | "Waiting" | "Zombie" | "Other", number>;
  /** Threads by what they wait for in the kernel. */
  readonly wchans: Map<string, number>;
}

/** Processes of one name: counters that outlive them, and gauges of the last round. */
export class Group {
  readonly counts = new GrowingCounts();
  readonly threads = new Map<string, ThreadGroup>();
  gauges: Gauges = emptyGauges();

  startRound(): void {
    this.gauges = emptyGauges();
    for (const thread of this.threads.values()) thread.alive = 0;
  }

  /** Names that come and go (a number for each worker) would pile up; one that comes back starts at 0. */
  endRound(): void {
    for (const [name, { alive }] of this.threads) if (alive === 0) this.threads.delete(name);
  }

  thread(name: string): ThreadGroup {
    let thread = this.threads.get(name);
    if (thread === undefined) {
      thread = { counts: new GrowingCounts(), alive: 0 };
      this.threads.set(name, thread);
    }
    return thread;
  }

  countState(letter: string): void {
    const names = { R: "Running", S: "Sleeping", D: "Waiting", Z: "Zombie" } as const;
    this.gauges.states[names[letter as keyof typeof names] ?? "Other"]++;
  }

  countWchan(text: string | undefined): void {
    const name = text?.trim() ?? "";
    if (name === "" || name === "0") return;
    this.gauges.wchans.set(name, (this.gauges.wchans.get(name) ?? 0) + 1);
  }
}

function emptyGauges(): Gauges {
  return {
    processes: 0,
    threads: 0,
    residentBytes: 0,
    virtualBytes: 0,
    swappedBytes: 0,
    proportionalBytes: 0,
    proportionalSwapBytes: 0,
    openFiles: 0,
    worstFdRatio: 0,
    oldestStart: Number.POSITIVE_INFINITY,
    states: { Running: 0, Sleeping: 0, Waiting: 0, Zombie: 0, Other: 0 },
    wchans: new Map(),
  };
}
