import { lines, malformed, unsigned, words } from "./text.ts";

/** /proc/meminfo by field name (`Active(anon)`); in bytes where the kernel gives kB, else as it stands (HugePages_Total). */
export function parseMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of lines(text)) {
    const [name = "", value, unit] = words(line);
    if (name === "") continue;
    if (!name.endsWith(":") || (unit !== undefined && unit !== "kB")) throw malformed("meminfo", line);
    const count = unsigned(value, "meminfo", line);
    values.set(name.slice(0, -1), unit === undefined ? count : count * 1024);
  }
  return values;
}
