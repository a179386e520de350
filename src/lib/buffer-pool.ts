const roundTo = 16 * 1024;

/**
 * Memory that is lent and taken back. What a garbage collector would have to find out, whoever gives back says; large
 * arrays that come and go in a steady stream would otherwise keep it busy.
 */
export class BufferPool {
  readonly #maxIdleBytes: number;
  readonly #idle: ArrayBuffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #idleBytes = 0;

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Of that length; what is in it is what was left there. */
  take(length: number): Uint8Array {
    const at = this.#idle.findLastIndex(({ byteLength }) => byteLength >= length && byteLength <= length * 2 + roundTo);
    const [buffer = new ArrayBuffer(Math.ceil(length / roundTo) * roundTo)] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (at >= 0) this.#idleBytes -= buffer.byteLength;
    this.#lent.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** It is not to be taken back: somebody may read it for as long as he likes. */
  disown({ buffer }: Uint8Array): void {
    this.#lent.delete(buffer);
  }

  /** Nobody may read it any more. What was not taken here, or was given back already, is passed over. */
  give({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) return;
    if (buffer.byteLength > this.#maxIdleBytes) return;
    this.#idle.push(buffer);
    this.#idleBytes += buffer.byteLength;
    // Those that nobody took for longest may be of a size that nobody wants any more.
    while (this.#idleBytes > this.#maxIdleBytes) this.#idleBytes -= this.#idle.shift()?.byteLength ?? 0;
  }
}
