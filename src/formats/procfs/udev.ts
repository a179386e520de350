import { lines } from "./text.ts";

/** The properties of a file of udev's database (/run/udev/data/b8:0): its lines `E:NAME=value`. */
export function parseUdev(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of lines(text)) {
    const equals = line.indexOf("=");
    if (line.startsWith("E:") && equals > 0) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return properties;
}
