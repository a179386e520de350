import { parseCpuList } from "../../../formats/procfs/cpu-list.ts";
import { type CollectorSpec, type Emit, type Family, gauge } from "../collector.ts";
import { errorCode } from "../error-code.ts";
import type { HostFiles } from "../host-files.ts";

/** The frequencies, in kHz, by attribute. */
const frequencies: readonly (readonly [attribute: string, family: Family])[] = [
  ["cpuinfo_cur_freq", gauge("node_cpu_frequency_hertz", "Current CPU thread frequency in hertz.")],
  ["cpuinfo_avg_freq", gauge("node_cpu_frequency_avg_hertz", "Average CPU thread frequency in hertz.")],
  ["cpuinfo_min_freq", gauge("node_cpu_frequency_min_hertz", "Minimum CPU thread frequency in hertz.")],
  ["cpuinfo_max_freq", gauge("node_cpu_frequency_max_hertz", "Maximum CPU thread frequency in hertz.")],
  ["scaling_cur_freq", gauge("node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz.")],
  ["scaling_min_freq", gauge("node_cpu_scaling_frequency_min_hertz", "Minimum scaled CPU thread frequency in hertz.")],
  ["scaling_max_freq", gauge("node_cpu_scaling_frequency_max_hertz", "Maximum scaled CPU thread frequency in hertz.")],
];
const governor = gauge("node_cpu_scaling_governor", "Current enabled CPU frequency governor.");

const folder = "devices/system/cpu";

/** The kernel may let a reader wait 50 ms for a CPU's frequency, so all are asked at the same time, off the event loop. */
export const cpufreq: CollectorSpec = {
  name: "cpufreq",
  enabledByDefault: true,

  create({ files }) {
    return async (emit) => {
      const offline = parseCpuList(files.sysAttribute(`${folder}/offline`));
      const cpus = files
        .sysNames(folder)
        .flatMap((name) => /^cpu([0-9]+)$/.exec(name)?.[1] ?? [])
        .filter((cpu) => !offline.includes(Number(cpu)) && files.hasSys(`${folder}/cpu${cpu}/cpufreq`));
      const all = await Promise.all(cpus.map((cpu) => readCpu(files, `${folder}/cpu${cpu}/cpufreq`)));
      for (const [at, cpu] of cpus.entries()) emitCpu(emit, cpu, all[at]!);
    };
  },
};

interface CpuFrequencies {
  /** In the order of the table above; what does not exist or only root may read is absent. */
  readonly kilohertz: readonly (number | undefined)[];
  readonly governors: readonly string[];
  readonly governor: string;
}

async function readCpu(files: HostFiles, cpufreq: string): Promise<CpuFrequencies> {
  const kilohertz = await Promise.all(frequencies.map(([attribute]) => readNumber(files, `${cpufreq}/${attribute}`)));
  return {
    kilohertz,
    governors: files.sysOnce(`${cpufreq}/scaling_available_governors`).trim().split(" "),
    governor: files.sysAttribute(`${cpufreq}/scaling_governor`),
  };
}

async function readNumber(files: HostFiles, name: string): Promise<number | undefined> {
  try {
    const text = await files.sysLater(name);
    if (!/^[0-9]+$/.test(text)) throw new Error(`cannot parse ${name}: ${JSON.stringify(text)} is no frequency`);
    return Number(text);
  } catch (error) {
    if (["ENOENT", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

function emitCpu(emit: Emit, cpu: string, { kilohertz, governors, governor: chosen }: CpuFrequencies): void {
  for (const [at, [, family]] of frequencies.entries()) {
    const value = kilohertz[at];
    if (value !== undefined) emit(family, ["cpu", cpu], value * 1000);
  }
  if (chosen === "") return;
  for (const name of governors) emit(governor, ["cpu", cpu, "governor", name], name === chosen ? 1 : 0);
}
