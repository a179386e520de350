import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import {
  type Compression,
  decoded,
  ForwardError,
  type ForwardEvents,
  type ForwardMessage,
  readForwardMessage,
  readPackedEntries,
} from "../../formats/fluent-forward/forward-message.ts";
import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { Connection } from "../../lib/listening/connection.ts";
import { encodeMessagePack } from "../../lib/msgpack.ts";
import { type MessagePackLimits, MessagePackSplitter } from "../../lib/msgpack-splitter.ts";
import type { Handshake } from "./handshake.ts";

export interface SessionOptions {
  readonly connection: Connection;
  /** Undefined: whoever can connect may send. */
  readonly handshake: Handshake | undefined;
  /** The largest message, as it comes and decompressed, in bytes. */
  readonly maxMessageSize: number;
  readonly clock: Clock;
  /** True once the receivers have them all, which is when they are acknowledged. */
  take(tag: string, events: ForwardEvents): Promise<boolean>;
}

/** Arrays and maps within each other; JSON of more would be none to read. */
const maxDepth = 64;

/** Who has not shown yet that they may send gets no more room and time than that takes. */
const handshakeLimits: MessagePackLimits = { maxBytes: 4096, maxDepth: 3 };
const handshakeMs = 10_000;

/** One client: its handshake, then its messages, one after the other, each acknowledged before the next one is looked at. */
export class Session {
  readonly #options: SessionOptions;
  readonly #limits: MessagePackLimits;
  readonly #splitter: MessagePackSplitter;
  #isLetIn: boolean;
  #endWait = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#limits = { maxBytes: options.maxMessageSize, maxDepth };
    this.#isLetIn = options.handshake === undefined;
    this.#splitter = new MessagePackSplitter(this.#isLetIn ? this.#limits : handshakeLimits);
  }

  /** Why the client is to be cut off; undefined when it has gone by itself, or we stop. */
  async run(): Promise<string | undefined> {
    try {
      await this.#greet();
      return await this.#read();
    } catch (error) {
      if (error instanceof ForwardError) return error.message;
      throw error;
    } finally {
      this.#endWait();
    }
  }

  async #greet(): Promise<void> {
    const { connection, handshake, clock } = this.#options;
    if (handshake === undefined) return;
    this.#endWait = clock.after(handshakeMs, () => connection.stop());
    await connection.write(encodeMessagePack(handshake.hello));
  }

  async #read(): Promise<string | undefined> {
    for await (const chunk of this.#options.connection.chunks()) {
      const { values, error } = this.#splitter.push(chunk);
      for (const value of values) {
        if (!(await this.#handle(value))) return undefined;
      }
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** False: no more messages are taken. Throws a ForwardError for what is none. */
  async #handle(bytes: Uint8Array): Promise<boolean> {
    if (!this.#isLetIn) return this.#letIn(decoded(bytes));
    const message = readForwardMessage(decoded(bytes));
    if (message === undefined) return true;
    const events = await eventsOf(message, this.#limits);
    if (!(await this.#options.take(message.tag, events))) return false;
    if (message.chunk === undefined) return true;
    return this.#options.connection.write(encodeMessagePack({ ack: message.chunk }));
  }

  async #letIn(message: unknown): Promise<boolean> {
    const { connection, handshake } = this.#options;
    const pong = handshake?.answer(message);
    await connection.write(encodeMessagePack(pong?.message));
    if (pong?.refusal !== undefined) throw new ForwardError(pong.refusal);
    this.#endWait();
    this.#isLetIn = true;
    this.#splitter.limits = this.#limits;
    return true;
  }
}

async function eventsOf({ content }: ForwardMessage, limits: MessagePackLimits): Promise<ForwardEvents> {
  if ("events" in content) return content;
  const { packed, compression } = content;
  return readPackedEntries(compression === undefined ? packed : await unpacked(packed, compression, limits), limits);
}

const decompress = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };

async function unpacked(bytes: Uint8Array, compression: Compression, { maxBytes }: MessagePackLimits): Promise<Buffer> {
  try {
    return await decompress[compression](bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw new ForwardError(`a message is larger than ${maxBytes} bytes when decompressed`);
    throw new ForwardError(`a message cannot be decompressed: ${describeError(error)}`);
  }
}
