import { lines, malformed } from "./text.ts";

/** What /proc/cpuinfo says of one CPU, under x86's field names; "" where the architecture has no such field. */
export interface CpuInfo {
  cpu: string;
  package: string;
  core: string;
  vendor: string;
  family: string;
  model: string;
  modelName: string;
  microcode: string;
  stepping: string;
  cacheSize: string;
  mhz: number;
  flags: readonly string[];
  bugs: readonly string[];
}

/**
 * Understands x86 and the other architectures' own words: flags are arm's `Features` and s390's `features`, and what
 * comes before the first CPU (arm's `Processor`, s390's `vendor_id`, the `system type` of MIPS and LoongArch) is said of
 * all. On s390 the CPUs are listed first (`processor 0: version = FF, …`) and each has a section of its own further down.
 */
export function parseCpuinfo(text: string): CpuInfo[] {
  const reading: Reading = { cpus: [], common: { ...unknownCpu }, features: [], section: -1 };
  for (const line of lines(text)) {
    const colon = line.indexOf(":");
    if (colon >= 0) readLine(reading, line.slice(0, colon).trim(), line.slice(colon + 1).trim(), line);
  }
  const { cpus, features } = reading;
  for (const cpu of cpus) if (features.length > 0) cpu.flags = features;
  return cpus;
}

interface Reading {
  readonly cpus: CpuInfo[];
  /** What is said of all CPUs. */
  readonly common: CpuInfo;
  features: readonly string[];
  /** The number of the section of s390, which comes behind the list; -1 before it and elsewhere. */
  section: number;
}

function readLine(reading: Reading, name: string, value: string, line: string): void {
  const { cpus, common, section } = reading;
  const listed = /^processor\s+([0-9]+)$/.exec(name)?.[1];
  if (name === "processor") cpus.push({ ...common, cpu: cpuNumber(value, line) });
  else if (listed !== undefined) cpus.push({ ...common, cpu: listed });
  else if (name === "Features" || name === "features") reading.features = flagList(value);
  else if (name === "cpu number") reading.section++;
  else if (name === "Processor") common.modelName = value;
  else if (name === "system type") common.vendor = value;
  else readField(cpus.length === 0 ? common : cpus.at(section < 0 ? -1 : section), name, value);
}

const unknownCpu: CpuInfo = {
  cpu: "",
  package: "",
  core: "",
  vendor: "",
  family: "",
  model: "",
  modelName: "",
  microcode: "",
  stepping: "",
  cacheSize: "",
  mhz: 0,
  flags: [],
  bugs: [],
};

type TextField = Exclude<keyof CpuInfo, "mhz" | "flags" | "bugs">;

const textFields = new Map<string, TextField>([
  ["vendor", "vendor"],
  ["vendor_id", "vendor"],
  ["cpu family", "family"],
  ["model", "model"],
  ["model name", "modelName"],
  ["stepping", "stepping"],
  ["microcode", "microcode"],
  ["cache size", "cacheSize"],
  ["physical id", "package"],
  ["core id", "core"],
  // POWER.
  ["cpu", "vendor"],
  // RISC-V.
  ["hart", "core"],
  ["isa", "modelName"],
  // MIPS and LoongArch.
  ["cpu model", "modelName"],
  ["CPU Family", "family"],
  ["Model Name", "modelName"],
]);

/** The last one has its unit behind the number. */
const megahertz = new Set(["cpu MHz", "cpu MHz dynamic", "clock"]);

function readField(cpu: CpuInfo | undefined, name: string, value: string): void {
  if (cpu === undefined) return;
  const field = textFields.get(name);
  if (field !== undefined) cpu[field] = value;
  else if (megahertz.has(name)) cpu.mhz = Number(/^[0-9.]*/.exec(value)?.[0]);
  else if (name === "flags") cpu.flags = flagList(value);
  else if (name === "bugs") cpu.bugs = flagList(value);
}

function flagList(value: string): string[] {
  return value.split(/\s+/).filter((flag) => flag !== "");
}

function cpuNumber(value: string, line: string): string {
  if (!/^[0-9]+$/.test(value)) throw malformed("cpuinfo", line);
  return value;
}
