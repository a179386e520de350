export interface SyslogFrames {
  /** The messages that are whole now, without what ends them. */
  readonly messages: readonly Buffer[];
  /** How many were longer than allowed and were passed over. */
  readonly tooLong: number;
  /** Why the rest of the stream means nothing: where the next message begins is not known. */
  readonly error?: string;
}

export interface SyslogFramerOptions {
  /** The longest message, in bytes. */
  readonly maxLength: number;
  /** What ends a message that is not counted. */
  readonly delimiter: "\n" | "\0";
}

/** Digits of a length; RFC 6587 has no limit, and no message comes near this one. */
const maxDigits = 9;

const space = 0x20;
const nothing = Buffer.alloc(0);

/**
 * Finds the messages in the bytes of one connection (RFC 6587). How the connection begins decides for all of it:
 *
 *     "57 <34>1 2026-…"      a number and a space: octet counting, each message is as long as it says
 *     "<34>1 2026-… \n"      anything else: each message ends with a newline
 */
export class SyslogFramer {
  readonly #options: SyslogFramerOptions;
  readonly #delimiter: number;
  #isCounted: boolean | undefined;
  #rest: Buffer = nothing;
  /** Bytes of the rest that hold no delimiter. */
  #searched = 0;
  /** Bytes of a counted message that is passed over. */
  #skip = 0;
  /** Whether a delimited message is passed over. */
  #isSkipping = false;

  constructor(options: SyslogFramerOptions) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
  }

  /** Takes what was read. The messages may share its memory. After an error it must not be asked again. */
  push(chunk: Buffer): SyslogFrames {
    const read = this.#afterSkipped(chunk);
    const bytes = this.#rest.length === 0 ? read : Buffer.concat([this.#rest, read]);
    this.#isCounted ??= beginsWithCount(bytes);
    if (this.#isCounted === false) return this.#takeDelimited(bytes);
    if (this.#isCounted === true) return this.#takeCounted(bytes);
    this.#rest = bytes;
    return { messages: [], tooLong: 0 };
  }

  /** The connection has ended: the end counts as a delimiter, but not as the end of a counted message. */
  end(): SyslogFrames {
    const rest = this.#rest;
    this.#rest = nothing;
    if (this.#isCounted === true) {
      const isTorn = rest.length > 0 || this.#skip > 0;
      return { messages: [], tooLong: 0, ...(isTorn && { error: "the connection ended within a message" }) };
    }
    return { messages: rest.length > 0 && !this.#isSkipping ? [trimmed(rest)] : [], tooLong: 0 };
  }

  #takeDelimited(bytes: Buffer): SyslogFrames {
    const messages: Buffer[] = [];
    let tooLong = 0;
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(this.#delimiter, start + this.#searched);
      const length = (end === -1 ? bytes.length : end) - start;
      if (!this.#isSkipping && length > this.#options.maxLength) {
        this.#isSkipping = true;
        tooLong++;
      }
      if (end === -1) break;
      if (!this.#isSkipping) messages.push(trimmed(bytes.subarray(start, end)));
      this.#isSkipping = false;
      this.#searched = 0;
      start = end + 1;
    }
    this.#rest = this.#isSkipping ? nothing : bytes.subarray(start);
    this.#searched = this.#rest.length;
    return { messages, tooLong };
  }

  #takeCounted(bytes: Buffer): SyslogFrames {
    const messages: Buffer[] = [];
    let rest = bytes;
    let tooLong = 0;
    for (let head = countAt(rest); head !== undefined; head = countAt(rest)) {
      if (typeof head === "string") return { messages, tooLong, error: head };
      const { start, length } = head;
      if (length > this.#options.maxLength) {
        tooLong++;
        this.#skip = length;
        rest = this.#afterSkipped(rest.subarray(start));
      } else {
        if (rest.length < start + length) break;
        messages.push(trimmed(rest.subarray(start, start + length)));
        rest = rest.subarray(start + length);
      }
    }
    this.#rest = rest;
    return { messages, tooLong };
  }

  #afterSkipped(bytes: Buffer): Buffer {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    return bytes.subarray(skipped);
  }
}

/** Undefined while that cannot be told. */
function beginsWithCount(bytes: Buffer): boolean | undefined {
  let at = 0;
  while (at < bytes.length && isDigit(bytes[at])) at++;
  if (at === bytes.length && at <= maxDigits) return undefined;
  return at > 0 && at <= maxDigits && bytes[at] === space;
}

/** `57 ` at the beginning; undefined while it is not whole, text when it is no length at all. */
function countAt(bytes: Buffer): { readonly start: number; readonly length: number } | string | undefined {
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === space && at > 0) return { start: at + 1, length };
    if (!isDigit(byte) || at === maxDigits) return `expected the length of a message, got ${shown(bytes)}`;
    length = length * 10 + Number(byte) - 0x30;
  }
  return undefined;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1", 0, 20));
}

/** Senders end counted messages and datagrams with a newline, too, or with a NUL as C has it. */
export function trimmed(message: Buffer): Buffer {
  let end = message.length;
  while (end > 0 && isEnding(message[end - 1])) end--;
  return message.subarray(0, end);
}

function isEnding(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0;
}
