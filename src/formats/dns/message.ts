import { DnsFormatError } from "./format-error.ts";
import { encodeName } from "./name.ts";
import { DnsReader } from "./reader.ts";
import { type DnsRecord, dnsTypes, type RecordType } from "./record.ts";

export interface DnsAnswer {
  readonly id: number;
  /** The name that was asked for, as the server repeats it. */
  readonly question: string;
  readonly rcode: string;
  /** There is more than fits: ask again over TCP. */
  readonly isTruncated: boolean;
  /** Of the types that this format knows; others are left out. */
  readonly records: readonly DnsRecord[];
  /** The shortest time that one of the answers may be kept, in seconds; undefined where there is none. */
  readonly ttl: number | undefined;
}

/**
 * A query for one name (RFC 1035 section 4), which asks the server to look further itself, with room for 4096 bytes of
 * answer (EDNS0, RFC 6891), as Prometheus does.
 */
export function encodeQuery(id: number, name: string, type: RecordType): Buffer {
  const question = encodeName(name);
  const query = Buffer.alloc(headerBytes + question.length + 4 + optBytes);
  query.writeUInt16BE(id, 0);
  query.writeUInt16BE(recursionDesired, 2);
  query.writeUInt16BE(1, 4);
  query.writeUInt16BE(1, 10);
  question.copy(query, headerBytes);
  let at = query.writeUInt16BE(dnsTypes[type], headerBytes + question.length);
  at = query.writeUInt16BE(classInternet, at);
  // The OPT record: the root's name, its type, the size in the place of a class, nothing else.
  at = query.writeUInt16BE(typeOpt, at + 1);
  query.writeUInt16BE(maxAnswerBytes, at);
  return query;
}

/** Throws a DnsFormatError where the bytes are no answer to one question. */
export function decodeAnswer(bytes: Buffer): DnsAnswer {
  try {
    const reader = new DnsReader(bytes);
    const [id, flags, questions, answers] = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()];
    if ((flags & isResponse) === 0 || questions !== 1) throw new DnsFormatError("not an answer to one question");
    reader.skip(4);
    const question = reader.name();
    reader.skip(4);
    const read = Array.from({ length: answers }, () => reader.record());
    const ttls = read.map(({ ttl }) => ttl);
    return {
      id,
      question,
      rcode: rcodes[flags & 15] ?? `RCODE ${flags & 15}`,
      isTruncated: (flags & truncated) !== 0,
      records: read.flatMap(({ record }) => record ?? []),
      ttl: ttls.length === 0 ? undefined : Math.min(...ttls),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new DnsFormatError("the message breaks off");
    throw error;
  }
}

const headerBytes = 12;
const optBytes = 11;
const isResponse = 0x8000;
const truncated = 0x0200;
const recursionDesired = 0x0100;
const classInternet = 1;
const typeOpt = 41;
const maxAnswerBytes = 4096;

/** RFC 1035 section 4.1.1. */
const rcodes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
