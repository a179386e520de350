import { words } from "./text.ts";

export interface DrbdDevice {
  readonly name: string;
  /** The pairs `key:value` of its lines, such as `ns:17324442` and `ro:Primary/Secondary`. */
  readonly values: ReadonlyMap<string, string>;
}

/** /proc/drbd of DRBD 8: a word `0:` begins a device; what stands before the first one is about the driver. */
export function parseDrbd(text: string): DrbdDevice[] {
  const devices: { name: string; values: Map<string, string> }[] = [];
  for (const word of words(text)) {
    const [key = "", value, ...more] = word.split(":");
    if (value === undefined || more.length > 0) continue;
    if (value === "" && /^[0-9]+$/.test(key)) devices.push({ name: `drbd${Number(key)}`, values: new Map() });
    else devices.at(-1)?.values.set(key, value);
  }
  return devices;
}
