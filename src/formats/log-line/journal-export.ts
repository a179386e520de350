/** An entry of the journal. */
export interface JournalEntry {
  /** Where it is in the journal; empty if it does not say. */
  readonly cursor: string;
  /** Microseconds since the epoch. */
  readonly realtime: bigint;
  /** Its fields under the names that the journal gives them; of a repeated name the last one. Not UTF-8: U+FFFD. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The bytes are no export of a journal. */
export class JournalExportError extends Error {}

/** A field's longest value in bytes, and all values of an entry: core dumps are in the journal, too. Both are then cut. */
const mostOfField = 1024 * 1024;
const mostOfEntry = 8 * 1024 * 1024;

type State = "line" | "size" | "data" | "end of data";

/**
 * The journal export format (systemd.io/JOURNAL_EXPORT_FORMATS), as it comes, in pieces of any size:
 *
 *     __CURSOR=s=1f;i=2            text: name=value
 *     MESSAGE                      anything else: the name, eight bytes of length, little-endian, the value
 *     \x03\0\0\0\0\0\0\0a\nb
 *                                  an empty line ends the entry
 *
 * Fields whose names begin with `__` are addresses and not the entry's own.
 */
export class JournalExportParser {
  #state: State = "line";
  /** What is kept of the line or the value that is being read. */
  #pieces: Buffer[] = [];
  #kept = 0;
  /** Bytes of the length or the value that are still to come. */
  #missing = 0;
  #name = "";
  #entry = new EntryBuilder();

  /** The entries that end in this piece, which may be reused afterwards. Throws a JournalExportError. */
  push(piece: Buffer): JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (let at = 0; at < piece.length; ) {
      at = this.#state === "line" ? this.#readLine(piece, at, entries) : this.#readBinary(piece, at);
    }
    if (this.#pieces.length > 0) this.#pieces = [Buffer.concat(this.#pieces)];
    return entries;
  }

  #readLine(piece: Buffer, from: number, entries: JournalEntry[]): number {
    const end = piece.indexOf(newline, from);
    this.#keep(piece.subarray(from, end < 0 ? piece.length : end));
    if (end < 0) return piece.length;
    const line = this.#take();
    const equals = line.indexOf(equalsSign);
    if (line.length === 0) {
      if (!this.#entry.isEmpty) entries.push(this.#entry.done());
      this.#entry = new EntryBuilder();
    } else if (equals >= 0) {
      this.#entry.set(line.toString("latin1", 0, equals), line.subarray(equals + 1));
    } else {
      this.#name = line.toString("latin1");
      this.#expect("size", 8);
    }
    return end + 1;
  }

  #readBinary(piece: Buffer, from: number): number {
    if (this.#state === "end of data") {
      if (piece[from] !== newline) throw new JournalExportError(`${this.#name} does not end where it should`);
      this.#state = "line";
      return from + 1;
    }
    const end = Math.min(piece.length, from + this.#missing);
    this.#keep(piece.subarray(from, end));
    this.#missing -= end - from;
    if (this.#missing === 0) this.#endBinary();
    return end;
  }

  #endBinary(): void {
    if (this.#state === "size") {
      const size = this.#take().readBigUInt64LE();
      if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new JournalExportError(`${this.#name} claims ${size} bytes`);
      this.#expect("data", Number(size));
      if (size > 0n) return;
    }
    this.#entry.set(this.#name, this.#take());
    this.#state = "end of data";
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#missing = bytes;
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, mostOfField - this.#kept);
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#kept += kept.length;
  }

  #take(): Buffer {
    const [only] = this.#pieces;
    const taken = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#kept = 0;
    return taken;
  }
}

const newline = 10;
const equalsSign = 61;

class EntryBuilder {
  // No plain object: a field may be called __proto__.
  readonly #fields: Record<string, string> = Object.create(null);
  #cursor = "";
  #realtime = 0n;
  #room = mostOfEntry;

  get isEmpty(): boolean {
    return this.#room === mostOfEntry;
  }

  set(name: string, bytes: Buffer): void {
    const value = bytes.toString("utf8", 0, this.#room);
    this.#room -= Math.min(this.#room, name.length + bytes.length);
    if (name === "__CURSOR") this.#cursor = value;
    else if (name === "__REALTIME_TIMESTAMP") this.#realtime = microseconds(value);
    else if (!name.startsWith("__")) this.#fields[name] = value;
  }

  done(): JournalEntry {
    return { cursor: this.#cursor, realtime: this.#realtime, fields: this.#fields };
  }
}

function microseconds(text: string): bigint {
  if (/^[0-9]{1,18}$/.test(text)) return BigInt(text);
  throw new JournalExportError(`__REALTIME_TIMESTAMP is "${text}"`);
}
