/** A value under a number of rpm's: rpm knows from its own tables what the number means. */
export type Tag = readonly [tag: number, value: TagValue];

export type TagValue =
  | { readonly int16: readonly number[] }
  | { readonly int32: readonly number[] }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  /** A text that could be translated. */
  | { readonly i18n: string }
  | { readonly bytes: Buffer };

/**
 * A header of the rpm format, version 3.
 *
 *     magic │ number of entries │ size of the store │ entries: tag, type, offset, count │ store: the values
 *
 * The first entry, the region, stands for all the others: its value is at the end of the store and says where the entries
 * begin, counted backwards. rpm takes a header without one for damaged.
 */
export function rpmHeader(region: number, tags: readonly Tag[]): Buffer {
  const sorted = tags.toSorted(([a], [b]) => a - b);
  const store: Buffer[] = [];
  let size = 0;
  const push = (bytes: Buffer) => {
    store.push(bytes);
    size += bytes.length;
  };
  const entries = sorted.map(([tag, value]) => {
    const { type, count, bytes, align } = encode(value);
    push(Buffer.alloc((align - (size % align)) % align));
    const entry = words(tag, type, size, count);
    push(bytes);
    return entry;
  });
  const regionEntry = words(region, 7, size, 16);
  push(words(region, 7, -16 * (entries.length + 1), 16));
  const head = Buffer.concat([Buffer.from("8eade80100000000", "hex"), words(entries.length + 1, size)]);
  return Buffer.concat([head, regionEntry, ...entries, ...store]);
}

function encode(value: TagValue): { type: number; count: number; bytes: Buffer; align: number } {
  if ("int16" in value) {
    const bytes = Buffer.alloc(2 * value.int16.length);
    value.int16.forEach((number, index) => {
      bytes.writeUInt16BE(number, 2 * index);
    });
    return { type: 3, count: value.int16.length, bytes, align: 2 };
  }
  if ("int32" in value) return { type: 4, count: value.int32.length, bytes: words(...value.int32), align: 4 };
  if ("text" in value) return { type: 6, count: 1, bytes: Buffer.from(`${value.text}\0`), align: 1 };
  if ("bytes" in value) return { type: 7, count: value.bytes.length, bytes: value.bytes, align: 1 };
  if ("i18n" in value) return { type: 9, count: 1, bytes: Buffer.from(`${value.i18n}\0`), align: 1 };
  const bytes = Buffer.from(value.texts.map((text) => `${text}\0`).join(""));
  return { type: 8, count: value.texts.length, bytes, align: 1 };
}

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeInt32BE(number | 0, 4 * index);
  });
  return bytes;
}
