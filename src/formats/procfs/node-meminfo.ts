import { lines, malformed, unsigned, words } from "./text.ts";

/** /sys/devices/system/node/node0/meminfo by field (`Active(anon)`), in bytes where the kernel gives kB. */
export function parseNodeMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of lines(text)) {
    const [label, , name = "", value, unit] = words(line);
    if (label === undefined) continue;
    if (label !== "Node" || (unit !== undefined && unit !== "kB")) throw malformed("meminfo of a node", line);
    const count = unsigned(value, "meminfo of a node", line);
    values.set(name.replace(/:$/, ""), unit === undefined ? count : count * 1024);
  }
  return values;
}

/** /sys/devices/system/node/node0/numastat (Documentation/admin-guide/numastat.rst). */
export function parseNumastat(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of lines(text)) {
    const [name = "", value] = words(line);
    if (name !== "") values.set(name, unsigned(value, "numastat", line));
  }
  return values;
}
