/** Header values by name in lower case; what came several times is a list. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** What a parser tells while it is fed. */
export interface ResponseEvents {
  onHead(status: number, headers: HeaderFields): void;
  /** A view of what the parser was fed: valid during the call only. */
  onData(chunk: Uint8Array): void;
  onEnd(): void;
}

/** Something that is no HTTP/1.1 response. */
export class MalformedResponseError extends Error {}

type State = "head" | "length" | "close" | "chunk size" | "chunk" | "chunk end" | "trailer" | "ended";

const maxHeadLength = 64 * 1024;
const maxSizeLineLength = 1024;

/**
 * Reads one response (RFC 9112) from bytes as they come, cut anywhere. Bodies are not copied: each piece is a view of
 * what was fed.
 *
 *     fed      │ HTTP/1.1 200 OK⏎Content-Length: 5⏎⏎ │ hel │ lo │
 *     events                                  onHead   onData onData onEnd
 *
 * A head that is cut is kept until the rest of it comes; so is the line in front of a chunk. Lines may end with a lone
 * newline, as RFC 9112 section 2.2 allows.
 */
export class ResponseParser {
  readonly #events: ResponseEvents;
  #state: State = "ended";
  /** Of the body or the chunk, the bytes still to come. */
  #left = 0;
  /** A line or a head whose end has not come yet. */
  #held: Uint8Array | undefined;
  #keepsAlive = false;

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  /** Expects the next response. */
  begin(): void {
    this.#state = "head";
    this.#keepsAlive = false;
  }

  /** Once a response has ended: whether the connection may carry another. */
  get keepsAlive(): boolean {
    return this.#keepsAlive;
  }

  /** Throws a MalformedResponseError; the connection is of no use then. */
  feed(bytes: Buffer): void {
    const held = this.#held;
    this.#held = undefined;
    let rest = held === undefined ? bytes : Buffer.concat([held, bytes]);
    for (let used = this.#take(rest); used < rest.length; used = this.#take(rest)) {
      if (used === 0) {
        this.#held = Buffer.from(rest);
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** The other side has ended the connection. False when the response was not complete. */
  finish(): boolean {
    if (this.#state === "close") this.#end();
    return this.#state === "ended";
  }

  /** How many bytes were taken; 0 when more have to come first. */
  #take(bytes: Buffer): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(bytes);
      case "length":
      case "chunk":
        return this.#takeCounted(bytes);
      case "close":
        this.#events.onData(bytes);
        return bytes.length;
      case "ended":
        this.#keepsAlive = false;
        throw new MalformedResponseError("more bytes than the response has");
      default:
        return this.#takeLine(bytes);
    }
  }

  #takeHead(bytes: Buffer): number {
    const begin = bytes.toString("latin1", 0, 7);
    if (!"HTTP/1.".startsWith(begin)) throw noStatusLine(bytes.toString("latin1", 0, 80));
    const end = headEnd(bytes);
    if (end < 0 && bytes.length < maxHeadLength) return 0;
    if (end < 0 || end > maxHeadLength) throw new MalformedResponseError("the head of the response is too long");
    const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).trimEnd().split(/\r?\n/);
    const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: |$)/.exec(statusLine) ?? [];
    if (digits === undefined) throw noStatusLine(statusLine);
    const status = Number(digits);
    const headers = headersOf(lines);
    if (status === 101) throw new MalformedResponseError("the server changes the protocol");
    // Others below 200 announce the response; they are not it.
    if (status < 200) return end;
    this.#frame(status, headers, minor === "1");
    this.#events.onHead(status, headers);
    if (this.#left === 0 && this.#state === "length") this.#end();
    return end;
  }

  /** How the body ends (RFC 9112 section 6.3), and whether the connection outlives it. */
  #frame(status: number, headers: HeaderFields, isPersistent: boolean): void {
    const connection = textOf(headers.connection).toLowerCase();
    this.#keepsAlive = isPersistent ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
    this.#left = 0;
    const coding = textOf(headers["transfer-encoding"]).toLowerCase();
    if (status === 204 || status === 304) this.#state = "length";
    else if (coding !== "") {
      if (coding !== "chunked") throw new MalformedResponseError(`unknown transfer coding ${quoted(coding)}`);
      this.#state = "chunk size";
    } else if (headers["content-length"] !== undefined) {
      this.#left = lengthOf(headers["content-length"]);
      this.#state = "length";
    } else {
      this.#keepsAlive = false;
      this.#state = "close";
    }
  }

  #takeCounted(bytes: Buffer): number {
    const used = Math.min(bytes.length, this.#left);
    this.#left -= used;
    const isLast = this.#left === 0;
    this.#events.onData(used === bytes.length ? bytes : bytes.subarray(0, used));
    if (!isLast) return used;
    if (this.#state === "chunk") this.#state = "chunk end";
    else this.#end();
    return used;
  }

  /** The lines of a chunked body: sizes, the empty lines behind chunks, and trailers, of which none is looked at. */
  #takeLine(bytes: Buffer): number {
    const newline = bytes.indexOf(0x0a);
    const limit = this.#state === "trailer" ? maxHeadLength : maxSizeLineLength;
    if (newline < 0 && bytes.length < limit) return 0;
    if (newline < 0 || newline > limit) throw new MalformedResponseError("a line between chunks is too long");
    const line = bytes.toString("latin1", 0, newline).trimEnd();
    if (this.#state === "trailer") {
      if (line === "") this.#end();
    } else if (this.#state === "chunk end") {
      if (line !== "") throw new MalformedResponseError("a chunk is longer than its size");
      this.#state = "chunk size";
    } else {
      this.#left = chunkSizeOf(line);
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    }
    return newline + 1;
  }

  #end(): void {
    this.#state = "ended";
    this.#events.onEnd();
  }
}

/** Behind the empty line that ends the head, or -1. */
function headEnd(bytes: Buffer): number {
  const limit = Math.min(bytes.length, maxHeadLength + 1);
  for (let at = 0, lineStart = 0; at < limit; at++) {
    if (bytes[at] !== 0x0a) continue;
    if (at === lineStart || (at === lineStart + 1 && bytes[lineStart] === 0x0d)) return at + 1;
    lineStart = at + 1;
  }
  return -1;
}

function headersOf(lines: readonly string[]): HeaderFields {
  const headers: Record<string, string | readonly string[]> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon <= 0 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      throw new MalformedResponseError(`expected a header, found ${quoted(line)}`);
    }
    const value = line.slice(colon + 1).trim();
    const known = headers[name];
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

function noStatusLine(text: string): MalformedResponseError {
  return new MalformedResponseError(`expected a status line, found ${quoted(text.split(/\r?\n/, 1)[0] ?? "")}`);
}

function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === "object" ? value.join(", ") : (value ?? "");
}

/** A repeated length must be the same one. */
function lengthOf(value: string | readonly string[]): number {
  const [first = "", ...others] = typeof value === "string" ? [value] : new Set(value);
  if (others.length === 0 && /^[0-9]{1,15}$/.test(first)) return Number(first);
  throw new MalformedResponseError(`invalid Content-Length ${quoted(textOf(value))}`);
}

/** Hexadecimal digits; extensions behind a semicolon say nothing to us. */
function chunkSizeOf(line: string): number {
  const [, digits] = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? [];
  if (digits === undefined) throw new MalformedResponseError(`expected the size of a chunk, found ${quoted(line)}`);
  return Number.parseInt(digits, 16);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
