import { BufferPool } from "../../lib/buffer-pool.ts";
import { StreamWriter } from "./stream-writer.ts";

/** A push request, stream by stream; entries of the same labels come together, in the order in which they were appended. */
export class PushRequestWriter {
  readonly #memory: BufferPool;
  readonly #streams = new Map<string, StreamWriter>();

  /** `memory` is for large streams, and takes them back; without one, they have memory of their own. */
  constructor(memory = new BufferPool(0)) {
    this.#memory = memory;
  }

  get streams(): number {
    return this.#streams.size;
  }

  has(text: string): boolean {
    return this.#streams.has(text);
  }

  /** The stream with these labels, as formatStreamLabels writes them. */
  stream(text: string): StreamWriter {
    const known = this.#streams.get(text);
    if (known !== undefined) return known;
    const stream = new StreamWriter(text, this.#memory);
    this.#streams.set(text, stream);
    return stream;
  }

  /** The request, in memory that `allocate` gives. Nothing can be appended any more. */
  finish(allocate: (length: number) => Uint8Array = Buffer.allocUnsafe): Uint8Array {
    const streams = [...this.#streams.values()];
    const request = allocate(streams.reduce((sum, { size }) => sum + size, 0));
    streams.reduce((at, stream) => stream.writeTo(request, at), 0);
    for (const stream of streams) stream.release();
    return request;
  }
}
