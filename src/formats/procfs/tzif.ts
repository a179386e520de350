import { offsetByRule, type ZoneOffset } from "./posix-tz.ts";

/**
 * Looks a moment up in a TZif file (RFC 9636), what /etc/localtime and /usr/share/zoneinfo hold:
 *
 *     header v1 | data v1, 32-bit times | header v2 | data v2, 64-bit times | \n POSIX rule \n
 *
 * A file of version 1 ends after its data. Behind the last transition the POSIX rule holds; files that zic writes
 * since 2020 have few transitions and live by the rule.
 */
export function zoneOffsetAt(file: Uint8Array, unixSeconds: number): ZoneOffset {
  const data = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const first = readHeader(data, 0);
  if (first.version === 0) return lookUp(data, first, 4, unixSeconds, "");
  const second = readHeader(data, first.data + dataLength(first, 4));
  const rule = data.toString("latin1", second.data + dataLength(second, 8)).trim();
  return lookUp(data, second, 8, unixSeconds, rule);
}

interface Header {
  readonly version: number;
  /** Where the data begins. */
  readonly data: number;
  readonly utIndicators: number;
  readonly standardIndicators: number;
  readonly leapSeconds: number;
  readonly transitions: number;
  readonly types: number;
  readonly abbreviationBytes: number;
}

const headerLength = 44;
const typeLength = 6;

function readHeader(data: Buffer, at: number): Header {
  if (data.length < at + headerLength || data.toString("latin1", at, at + 4) !== "TZif") {
    throw new Error("cannot read the time zone: it is not in TZif format");
  }
  const count = (n: number) => data.readUInt32BE(at + 20 + 4 * n);
  return {
    version: data[at + 4] ?? 0,
    data: at + headerLength,
    utIndicators: count(0),
    standardIndicators: count(1),
    leapSeconds: count(2),
    transitions: count(3),
    types: count(4),
    abbreviationBytes: count(5),
  };
}

function dataLength(header: Header, timeSize: 4 | 8): number {
  const { transitions, types, abbreviationBytes, leapSeconds, standardIndicators, utIndicators } = header;
  const times = transitions * (timeSize + 1) + leapSeconds * (timeSize + 4);
  return times + types * typeLength + abbreviationBytes + standardIndicators + utIndicators;
}

function lookUp(data: Buffer, header: Header, timeSize: 4 | 8, unixSeconds: number, rule: string): ZoneOffset {
  const timeOf = (n: number) => {
    const at = header.data + n * timeSize;
    return timeSize === 4 ? data.readInt32BE(at) : Number(data.readBigInt64BE(at));
  };
  let passed = 0;
  while (passed < header.transitions && timeOf(passed) <= unixSeconds) passed++;
  if (passed === header.transitions) {
    const byRule = rule === "" ? undefined : offsetByRule(rule, unixSeconds);
    if (byRule !== undefined) return byRule;
  }
  const indexes = header.data + header.transitions * timeSize;
  // Before the first transition type 0 holds (RFC 9636, section 3.2).
  return typeAt(data, header, timeSize, passed === 0 ? 0 : data.readUInt8(indexes + passed - 1));
}

function typeAt(data: Buffer, header: Header, timeSize: 4 | 8, index: number): ZoneOffset {
  const types = header.data + header.transitions * (timeSize + 1);
  const at = types + index * typeLength;
  const abbreviations = types + header.types * typeLength;
  const start = abbreviations + data.readUInt8(at + 5);
  return {
    seconds: data.readInt32BE(at),
    abbreviation: data.toString("latin1", start, data.indexOf(0, start)),
  };
}
