import { DnsFormatError } from "./format-error.ts";

/** On the wire: each label behind its length, and an empty one at the end (RFC 1035 section 3.1). */
export function encodeName(name: string): Buffer {
  const labels = name === "." ? [] : name.replace(/\.$/, "").split(".");
  const pieces = labels.map((label) => {
    const bytes = Buffer.from(label);
    if (bytes.length === 0 || bytes.length > 63) throw new DnsFormatError(`${name} is not a domain name`);
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  const encoded = Buffer.concat([...pieces, Buffer.of(0)]);
  if (encoded.length > 255) throw new DnsFormatError(`${name} is too long for a domain name`);
  return encoded;
}

/** A name that ends in a dot, as it comes back from the wire. */
export function canonicalName(name: string): string {
  const labels = name.replace(/\.$/, "").split(".");
  return `${labels.map((label) => labelText(Buffer.from(label))).join(".")}.`;
}

/** A label as zone files spell it (RFC 1035 section 5.1), so that its dots are not those between labels. */
export function labelText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x7f) text += escaped(byte);
    else text += `. '@;()"\\`.includes(character) ? `\\${character}` : character;
  }
  return text;
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, "0")}`;
}
