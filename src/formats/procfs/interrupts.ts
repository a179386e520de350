import { lines, words } from "./text.ts";

/** A row of /proc/interrupts. */
export interface Interrupt {
  /** `45` or `NMI`. */
  readonly name: string;
  /** Of a numbered one its controller, of another its description. */
  readonly info: string;
  readonly devices: string;
  /** One text per column of a CPU. */
  readonly counts: readonly string[];
}

/** Rows that have no description (ERR, MIS) count no CPU's interrupts and are left out. */
export function parseInterrupts(text: string): Interrupt[] {
  const [heading = "", ...rows] = lines(text);
  const cpus = words(heading).length;
  const interrupts: Interrupt[] = [];
  for (const line of rows) {
    const colon = line.indexOf(":");
    const fields = words(line.slice(colon + 1));
    if (colon < 0 || fields.length < cpus + 1) continue;
    const name = line.slice(0, colon).trimStart();
    const isNumbered = /^[0-9]+$/.test(name);
    interrupts.push({
      name,
      info: isNumbered ? fields[cpus]! : fields.slice(cpus).join(" "),
      devices: isNumbered ? fields.slice(cpus + 1).join(" ") : "",
      counts: fields.slice(0, cpus),
    });
  }
  return interrupts;
}
