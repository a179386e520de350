import { lines, malformed, unsigned, words } from "./text.ts";

/** A cache of /proc/slabinfo (slabinfo(5)). */
export interface Slab {
  readonly name: string;
  readonly activeObjects: number;
  readonly objects: number;
  readonly objectSize: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
}

export function parseSlabinfo(text: string): Slab[] {
  const slabs: Slab[] = [];
  for (const line of lines(text)) {
    if (line.startsWith("slabinfo") || line.startsWith("#")) continue;
    const fields = words(line);
    if (fields.length !== 16) throw malformed("slabinfo", line);
    const [activeObjects, objects, objectSize, objectsPerSlab, pagesPerSlab] = fields
      .slice(1, 6)
      .map((field) => unsigned(field, "slabinfo", line));
    slabs.push({
      name: fields[0]!,
      activeObjects: activeObjects!,
      objects: objects!,
      objectSize: objectSize!,
      objectsPerSlab: objectsPerSlab!,
      pagesPerSlab: pagesPerSlab!,
    });
  }
  return slabs;
}
