import { isUtf8 } from "node:buffer";

/** How the bytes of a file are lines of text. */
export interface Encoding {
  readonly name: string;
  /** Bytes of a code unit: 2 for UTF-16. */
  readonly unit: 1 | 2;
  /** The byte of a line feed within its code unit: 1 where UTF-16 has the high byte first. */
  readonly newlineByte: 0 | 1;
  decode(bytes: Buffer): string;
  /** Whether the bytes are text of this encoding, throughout. */
  isValid(bytes: Buffer): boolean;
  /** Where to cut at or before `at` so that no character is split. */
  cut(bytes: Buffer, at: number): number;
}

/** By a name of IANA's that the WHATWG knows, `utf-8` for none. Undefined where there is no such encoding. */
export function encodingNamed(name: string): Encoding | undefined {
  try {
    const label = new TextDecoder(name === "" ? "utf-8" : name).encoding;
    if (label === "utf-8") return utf8;
    if (label === "utf-16le") return utf16le;
    if (label === "utf-16be") return utf16be;
    return singleUnit(label);
  } catch {
    return undefined;
  }
}

/** What the first bytes of a file say: the encoding, and the length of the mark that is no text. */
export function byteOrderMark(
  prefix: Uint8Array,
): { readonly encoding: Encoding; readonly length: number } | undefined {
  const [a, b, c] = prefix;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: utf8, length: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: utf16le, length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: utf16be, length: 2 };
  return undefined;
}

export const utf8: Encoding = {
  name: "utf-8",
  unit: 1,
  newlineByte: 0,
  decode: (bytes) => bytes.toString("utf8"),
  isValid: (bytes) => isUtf8(bytes),
  cut(bytes, at) {
    // A character has at most three bytes that continue it; where there are more, it is no UTF-8.
    for (let back = 0; back < 4 && back < at; back++) {
      if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
    }
    return at;
  },
};

const utf16le: Encoding = {
  name: "utf-16le",
  unit: 2,
  newlineByte: 0,
  decode: (bytes) => bytes.toString("utf16le").toWellFormed(),
  isValid: (bytes) => bytes.length % 2 === 0 && bytes.toString("utf16le").isWellFormed(),
  cut: (bytes, at) => cutUtf16(bytes, at, 1),
};

const utf16be: Encoding = {
  name: "utf-16be",
  unit: 2,
  newlineByte: 1,
  decode: (bytes) => utf16le.decode(swapped(bytes)),
  isValid: (bytes) => bytes.length % 2 === 0 && utf16le.isValid(swapped(bytes)),
  cut: (bytes, at) => cutUtf16(bytes, at, 0),
};

/** UTF-16 has whole units only. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}

function cutUtf16(bytes: Buffer, at: number, highByte: 0 | 1): number {
  const even = at & ~1;
  const isLowSurrogate = ((bytes[even + highByte] ?? 0) & 0xfc) === 0xdc;
  return isLowSurrogate && even > 2 ? even - 2 : even;
}

/** In all of these a line feed is the byte 10 and no part of another character. */
function singleUnit(label: string): Encoding {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  const decode = (bytes: Buffer) => decoder.decode(bytes);
  return {
    name: label,
    unit: 1,
    newlineByte: 0,
    decode,
    isValid: (bytes) => !decode(bytes).includes("\ufffd"),
    cut: (_bytes, at) => at,
  };
}
