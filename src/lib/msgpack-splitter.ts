export interface MessagePackPieces {
  /** The values that are whole now, each with its bytes. */
  readonly values: readonly Uint8Array[];
  /** Why the rest of the stream means nothing. */
  readonly error?: string;
}

export interface MessagePackLimits {
  /** Of one value. */
  readonly maxBytes: number;
  /** Arrays and maps within each other. */
  readonly maxDepth: number;
}

/** What follows the type byte: the bytes that say how long it is, and what then is so long. */
interface Kind {
  readonly lengthBytes: number;
  readonly holds: "bytes" | "extension" | "array" | "map";
}

const kinds = new Map<number, Kind>([
  ...sized("bytes", [0xc4, 1], [0xc5, 2], [0xc6, 4], [0xd9, 1], [0xda, 2], [0xdb, 4]),
  ...sized("extension", [0xc7, 1], [0xc8, 2], [0xc9, 4]),
  ...sized("array", [0xdc, 2], [0xdd, 4]),
  ...sized("map", [0xde, 2], [0xdf, 4]),
]);

/** Bytes after the type byte of values that always are so long: nil, booleans, numbers, and extensions with their type. */
const fixed = new Map<number, number>([
  ...[0xc0, 0xc2, 0xc3].map((type) => [type, 0] as const),
  ...[1, 2, 4, 8].flatMap((size, at) => [[0xcc + at, size] as const, [0xd0 + at, size] as const]),
  [0xca, 4],
  [0xcb, 8],
  ...[1, 2, 4, 8, 16].map((size, at) => [0xd4 + at, size + 1] as const),
]);

/**
 * Finds where the values in a stream of MessagePack end, without decoding them.
 *
 *     93 a3 t a g ce …  ──►  [93 … c0] [93 … c0]     a stack of how many items are still to come, level by level
 *
 * What comes out is whole and no larger or deeper than allowed, so that decoding it takes memory in proportion: no array
 * has more items than the value has bytes.
 */
export class MessagePackSplitter {
  limits: MessagePackLimits;
  #chunks: Uint8Array[] = [];
  /** Bytes of the value that is under way. */
  #size = 0;
  /** Items still to come, of each array or map that is open. */
  readonly #open: number[] = [];
  /** Bytes to pass over. */
  #skip = 0;
  #kind: Kind | undefined;
  #lengthBytesLeft = 0;
  #length = 0;

  constructor(limits: MessagePackLimits) {
    this.limits = limits;
  }

  /** Takes what was read. The values may share its memory. After an error it must not be asked again. */
  push(chunk: Uint8Array): MessagePackPieces {
    const values: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; ) {
      const taken = this.#take(chunk, at);
      if (typeof taken === "string") return { values, error: taken };
      at += taken;
      this.#size += taken;
      if (this.#size > this.limits.maxBytes) return { values, error: this.#tooLarge() };
      if (!this.#isWhole()) continue;
      values.push(this.#joined(chunk.subarray(start, at)));
      start = at;
    }
    if (start < chunk.length) this.#chunks.push(chunk.subarray(start));
    return { values };
  }

  /** How many bytes of the chunk it has dealt with; text is an error. */
  #take(chunk: Uint8Array, at: number): number | string {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      if (this.#skip === 0) this.#close();
      return skipped;
    }
    const byte = chunk[at] ?? 0;
    const error = this.#lengthBytesLeft > 0 ? this.#takeLength(byte) : this.#takeType(byte);
    return error ?? 1;
  }

  #takeType(type: number): string | undefined {
    if (type < 0x80 || type >= 0xe0) return this.#bytes(0);
    if (type < 0x90) return this.#container(2 * (type & 0x0f));
    if (type < 0xa0) return this.#container(type & 0x0f);
    if (type < 0xc0) return this.#bytes(type & 0x1f);
    const size = fixed.get(type);
    if (size !== undefined) return this.#bytes(size);
    this.#kind = kinds.get(type);
    if (this.#kind === undefined) return "it is no MessagePack: no value begins with the byte 0xc1";
    this.#lengthBytesLeft = this.#kind.lengthBytes;
    this.#length = 0;
    return undefined;
  }

  #takeLength(byte: number): string | undefined {
    this.#length = this.#length * 256 + byte;
    this.#lengthBytesLeft--;
    if (this.#lengthBytesLeft > 0 || this.#kind === undefined) return undefined;
    const { holds } = this.#kind;
    if (holds === "bytes") return this.#bytes(this.#length);
    if (holds === "extension") return this.#bytes(this.#length + 1);
    return this.#container(holds === "map" ? 2 * this.#length : this.#length);
  }

  #bytes(length: number): string | undefined {
    if (length > this.limits.maxBytes) return this.#tooLarge();
    this.#skip = length;
    if (length === 0) this.#close();
    return undefined;
  }

  #container(items: number): string | undefined {
    // An item has a byte at least.
    if (items > this.limits.maxBytes) return this.#tooLarge();
    if (items === 0) {
      this.#close();
      return undefined;
    }
    this.#open.push(items);
    const { maxDepth } = this.limits;
    return this.#open.length > maxDepth ? `a message has more than ${maxDepth} levels of arrays and maps` : undefined;
  }

  /** An item has ended, and with it each array or map whose last one it is. */
  #close(): void {
    for (let left = this.#open.pop(); left !== undefined; left = this.#open.pop()) {
      if (left === 1) continue;
      this.#open.push(left - 1);
      return;
    }
  }

  #isWhole(): boolean {
    return this.#open.length === 0 && this.#skip === 0 && this.#lengthBytesLeft === 0;
  }

  #joined(last: Uint8Array): Uint8Array {
    const whole = this.#chunks.length === 0 ? last : Buffer.concat([...this.#chunks, last]);
    this.#chunks = [];
    this.#size = 0;
    return whole;
  }

  #tooLarge(): string {
    return `a message is larger than ${this.limits.maxBytes} bytes`;
  }
}

function sized(holds: Kind["holds"], ...types: [type: number, lengthBytes: number][]): [number, Kind][] {
  return types.map(([type, lengthBytes]) => [type, { holds, lengthBytes }]);
}
