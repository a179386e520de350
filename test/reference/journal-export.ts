import type { JournalEntry } from "../../src/formats/log-line/journal-export.ts";

export type WrittenField = readonly [name: string, value: string | Buffer];

/** An entry as journalctl exports it: text where it is text, with a length where it is not. */
export function exportEntry(fields: readonly WrittenField[]): Buffer {
  const written = fields.map(([name, value]) => {
    const bytes = Buffer.from(value as string);
    if (typeof value === "string" && !value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes.length));
    return Buffer.concat([Buffer.from(`${name}\n`), size, bytes, Buffer.from("\n")]);
  });
  return Buffer.concat([...written, Buffer.from("\n")]);
}

/** What a parser has to make of it. */
export function readEntry(fields: readonly WrittenField[]): JournalEntry {
  const text = fields.map(([name, value]) => [name, String(value)] as const);
  const address = (wanted: string) => text.find(([name]) => name === wanted)?.[1];
  return {
    cursor: address("__CURSOR") ?? "",
    realtime: BigInt(address("__REALTIME_TIMESTAMP") ?? 0),
    fields: Object.fromEntries(text.filter(([name]) => !name.startsWith("__"))),
  };
}
