import { isIPv4 } from "node:net";
import { DnsFormatError } from "./format-error.ts";
import { labelText } from "./name.ts";
import { type DnsRecord, dnsTypes } from "./record.ts";

/** Reads a message from its start. Throws a RangeError beyond its end, and a DnsFormatError where it makes no sense. */
export class DnsReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** `www.example.com.`; behind a pointer the rest of the name is elsewhere in the message (RFC 1035 section 4.1.4). */
  name(): string {
    let name = "";
    let at = this.#at;
    let end: number | undefined;
    // As many jumps as there can be names in a message: a loop would never end.
    for (let jumps = 0; jumps < maxJumps; jumps++) {
      const labels = this.#labels(at);
      name += labels.text;
      end ??= labels.end;
      if (name.length > maxNameText) throw new DnsFormatError("a name is too long");
      if (labels.pointer === undefined) {
        this.#at = end;
        return name === "" ? "." : name;
      }
      at = labels.pointer;
    }
    throw new DnsFormatError("a name points to itself");
  }

  /** Its time to live in seconds, and what it says; undefined for a type that is of no use here. */
  record(): { readonly ttl: number; readonly record: DnsRecord | undefined } {
    this.name();
    const type = this.uint16();
    this.skip(2);
    const ttl = this.#bytes.readUInt32BE(this.#at);
    this.skip(4);
    const length = this.uint16();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("beyond the end");
    const record = this.#data(type, length);
    this.#at = end;
    // RFC 2181 section 8: with the highest bit set it counts as zero.
    return { ttl: ttl > 0x7fffffff ? 0 : ttl, record };
  }

  /** Labels up to an empty one or a pointer, and where what follows the name begins. */
  #labels(from: number): { readonly text: string; readonly end: number; readonly pointer?: number } {
    let text = "";
    for (let at = from; ; ) {
      const length = this.#bytes.readUInt8(at);
      if (length >= pointerBits) return { text, end: at + 2, pointer: this.#bytes.readUInt16BE(at) & 0x3fff };
      if (length > 63) throw new DnsFormatError("a label of an unknown kind");
      at += 1 + length;
      if (length === 0) return { text, end: at };
      if (at > this.#bytes.length) throw new RangeError("beyond the end");
      text += `${labelText(this.#bytes.subarray(at - length, at))}.`;
    }
  }

  #data(type: number, length: number): DnsRecord | undefined {
    switch (type) {
      case dnsTypes.A:
        return { type: "A", address: this.#bytes.subarray(this.#at, this.#at + expect(length, 4)).join(".") };
      case dnsTypes.AAAA:
        return { type: "AAAA", address: ipv6Text(this.#bytes.subarray(this.#at, this.#at + expect(length, 16))) };
      case dnsTypes.NS:
        return { type: "NS", target: this.name() };
      case dnsTypes.MX:
        this.skip(2);
        return { type: "MX", target: this.name() };
      case dnsTypes.SRV: {
        this.skip(4);
        return { type: "SRV", port: this.uint16(), target: this.name() };
      }
      default:
        return undefined;
    }
  }
}

const pointerBits = 0xc0;
const maxJumps = 128;
/** 255 bytes, each of which may be spelled with four characters. */
const maxNameText = 1020;

function expect(length: number, wanted: number): number {
  if (length !== wanted) throw new DnsFormatError(`an address of ${length} bytes`);
  return wanted;
}

/** RFC 5952; an address of IPv4 in IPv6's clothes is spelled as Go does it, as one of IPv4. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  const isMapped = groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff";
  const mapped = bytes.subarray(12).join(".");
  if (isMapped && isIPv4(mapped)) return mapped;
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
