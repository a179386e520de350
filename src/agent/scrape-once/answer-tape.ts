import { readAnswer } from "../../engines/scrape/answer-body.ts";
import type { Fetch } from "../../engines/scrape/http-exposure.ts";
import { Body } from "../../formats/exposition/body.ts";
import type { Clock } from "../../lib/clock.ts";
import type { HttpResponse } from "../../lib/http-client.ts";

/** Keeps an answer as it comes over the network while somebody else reads it. */
export class AnswerTape {
  readonly #clock: Clock;
  readonly #chunks: Uint8Array[] = [];
  #response: HttpResponse | undefined;
  #headersAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same as `fetch`, but recorded. */
  recording(fetch: Fetch): Fetch {
    return async ({ onHead: _, ...request }) => {
      // Whoever asks reads what is returned, and not what `onHead` would give past the tape.
      const response = await fetch(request);
      this.#headersAt = this.#clock.monotonic();
      this.#response = response;
      return this.#recorded(response);
    };
  }

  /** Undefined without an answer. */
  get response(): Pick<HttpResponse, "status" | "header"> | undefined {
    return this.#response;
  }

  /** On the monotonic clock. */
  get headersAt(): number | undefined {
    return this.#headersAt;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** The page, uncompressed. */
  async text(): Promise<string> {
    const body = new Body();
    if (this.#response !== undefined) await readAnswer(this.#replayed(this.#response), 0, body);
    return body.content().toString();
  }

  #recorded(response: HttpResponse): HttpResponse {
    const keep = (chunk: Uint8Array) => {
      this.#chunks.push(Uint8Array.from(chunk));
    };
    return {
      status: response.status,
      header: (name) => response.header(name),
      readInto: (onChunk) =>
        response.readInto((chunk) => {
          keep(chunk);
          onChunk(chunk);
        }),
      async read(limit) {
        const body = await response.read(limit);
        keep(body);
        return body;
      },
      async *chunks() {
        for await (const chunk of response.chunks()) {
          keep(chunk);
          yield chunk;
        }
      },
      discard: () => response.discard(),
    };
  }

  #replayed(response: HttpResponse): HttpResponse {
    const chunks = this.#chunks;
    return {
      status: response.status,
      header: (name) => response.header(name),
      readInto: async (onChunk) => chunks.forEach(onChunk),
      read: async () => Buffer.concat(chunks),
      async *chunks() {
        yield* chunks;
      },
      discard: async () => {},
    };
  }
}
