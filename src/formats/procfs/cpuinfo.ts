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
 * Understands x86, and arm with its `Features` instead of flags. Old arm kernels begin with a `Processor` line that
 * names the model of all CPUs.
 */
export function parseCpuinfo(text: string): CpuInfo[] {
  const cpus: CpuInfo[] = [];
  const common = { ...unknownCpu };
  let features: readonly string[] = [];
  for (const line of lines(text)) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name === "Processor") common.modelName = value;
    else if (name === "processor") cpus.push({ ...common, cpu: cpuNumber(value, line) });
    else if (name === "Features") features = flagList(value);
    else readField(cpus.at(-1), name, value);
  }
  for (const cpu of cpus) if (features.length > 0) cpu.flags = features;
  return cpus;
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
]);

function readField(cpu: CpuInfo | undefined, name: string, value: string): void {
  if (cpu === undefined) return;
  const field = textFields.get(name);
  if (field !== undefined) cpu[field] = value;
  else if (name === "cpu MHz") cpu.mhz = Number(value);
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
