import { type Pressure, parsePressure } from "../../../formats/procfs/pressure.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Emit, type Family, NoData } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere, orNoData } from "../missing.ts";

/** Of the CPU the whole machine cannot wait, and of interrupts nobody waits alone. */
const families: readonly (readonly [resource: string, kind: keyof Pressure, family: Family])[] = [
  [
    "cpu",
    "some",
    counter("node_pressure_cpu_waiting_seconds_total", "Total time in seconds that processes have waited for CPU time"),
  ],
  [
    "io",
    "some",
    counter(
      "node_pressure_io_waiting_seconds_total",
      "Total time in seconds that processes have waited due to IO congestion",
    ),
  ],
  [
    "io",
    "full",
    counter(
      "node_pressure_io_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IO congestion",
    ),
  ],
  [
    "memory",
    "some",
    counter(
      "node_pressure_memory_waiting_seconds_total",
      "Total time in seconds that processes have waited for memory",
    ),
  ],
  [
    "memory",
    "full",
    counter(
      "node_pressure_memory_stalled_seconds_total",
      "Total time in seconds no process could make progress due to memory congestion",
    ),
  ],
  [
    "irq",
    "full",
    counter(
      "node_pressure_irq_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IRQ congestion",
    ),
  ],
];

const what = "pressure stall information";
const resources = ["cpu", "io", "memory", "irq"];

export const pressure: CollectorSpec = {
  name: "pressure",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const found = resources.filter((resource) => emitResource(emit, files, resource));
      if (found.length === 0) throw new NoData(`this host has no ${what}`);
    };
  },
};

/** False if the kernel does not count it. One that was told psi=0 has the files and answers EOPNOTSUPP. */
function emitResource(emit: Emit, files: HostFiles, resource: string): boolean {
  const file = `pressure/${resource}`;
  const text = orNoData(what, () => ifThere(() => files.proc(file)) ?? "", ["EOPNOTSUPP", "ENOTSUP"]);
  if (text === "") return false;
  const totals = parsePressure(text, file);
  for (const [of, kind, family] of families) {
    const microseconds = of === resource ? totals[kind] : undefined;
    // Divided twice, as upstream does: the last digit depends on it.
    if (microseconds !== undefined) emit(family, noLabels, microseconds / 1000 / 1000);
  }
  return true;
}
