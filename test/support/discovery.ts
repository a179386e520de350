import type { DiscoverySurroundings } from "../../src/engines/discovery/surroundings.ts";
import type { TargetGroup } from "../../src/signals/targets.ts";
import { FakeClock } from "./fake-clock.ts";
import { type LogLine, recordingLogger } from "./graph-fixtures.ts";

export interface TestSurroundings extends DiscoverySurroundings {
  readonly world: { readonly clock: FakeClock; readonly random: () => number };
  readonly logs: readonly LogLine[];
  /** Meter, with the values of its labels, to the sum of a counter or the last value of a gauge. */
  readonly measured: Readonly<Record<string, number>>;
  health: string;
}

/** What a discovery has around it; `receive` gets each set that it hands on, and may throw to refuse it. */
export function discoverySurroundings(receive: (groups: readonly TargetGroup[]) => void): TestSurroundings {
  const logs: LogLine[] = [];
  const measured: Record<string, number> = {};
  function count(name: string) {
    return {
      inc(labels: object) {
        const key = [name, ...Object.values(labels)].join(" ");
        measured[key] = (measured[key] ?? 0) + 1;
      },
    };
  }
  const surroundings: TestSurroundings = {
    id: "discovery.test.x",
    output: { receive: async (groups) => receive(groups) },
    metrics: {
      lastSuccess: {
        set(value) {
          measured["last success"] = value;
        },
      },
      refreshFailures: count("failures"),
      refreshDuration: { observe: () => {} },
      discoveredTargets: {
        set(_labels, value) {
          measured.targets = value;
        },
      },
      updates: count("updates"),
      updatesDelayed: count("updates delayed"),
    },
    log: recordingLogger(logs),
    dataDir: "/data/discovery.test.x",
    world: { clock: new FakeClock(), random: () => 0.5 },
    logs,
    measured,
    health: "unknown",
    setHealth(health, reason) {
      surroundings.health = reason === undefined ? health : `${health}: ${reason}`;
    },
  };
  return surroundings;
}
