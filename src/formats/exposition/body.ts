/** Behind the content: the newline that ends the last line, and room for a reader of whole words to overshoot. */
const slack = 8;

/** The bytes of one exposition, in a buffer that is used again for the next. */
export class Body {
  /** By number of an entry: where the scan has met it. For the scan to fill. */
  places = new Int32Array(64);
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  constructor(capacity = 16 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity + slack);
    this.#view = viewOf(this.#bytes);
    this.clear();
  }

  /** At `length` stands a newline, whether or not the content ends with one. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#bytes[0] = 0x0a;
  }

  /** Makes room for so many bytes at once, where somebody knows how many will come; and for some more the next time. */
  reserve(length: number): void {
    if (length + slack > this.#bytes.length) this.#grow(Math.ceil(length * 1.125));
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length + slack > this.#bytes.length) this.#grow(Math.max(length, this.#bytes.length * 2));
    this.#bytes.set(chunk, this.#length);
    this.#bytes[length] = 0x0a;
    this.#length = length;
  }

  /** The content; valid until the body changes. */
  content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(length: number): void {
    const bytes = Buffer.allocUnsafeSlow(length + slack);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
