import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import type { Body } from "../../formats/exposition/body.ts";
import { describeError } from "../../lib/errors.ts";
import type { HttpResponse } from "../../lib/http-client.ts";
import { ScrapeFailure } from "./failure.ts";

/** With `info`, zlib also tells how many bytes it has read; the types do not know that. */
type Decompress = (
  content: Uint8Array,
  options: { maxOutputLength?: number; info: true },
) => Promise<{ buffer: Buffer; engine: { bytesWritten: number } }>;

/** Prometheus decodes `gzip` alone, and only that is asked for; a server that sends zstd all the same is understood. */
const decoders: Readonly<Record<string, Decompress>> = {
  gzip: promisify(gunzip) as unknown as Decompress,
  zstd: promisify(zstdDecompress) as unknown as Decompress,
};

/** A server that announces more has yet to send it. */
const mostReserved = 2 ** 20;

/** Reads an answer, uncompressed, into `body`. Whatever other encoding the header names, the bytes are left as they are. */
export async function readAnswer(response: HttpResponse, limit: number, body: Body): Promise<void> {
  body.reserve(Math.min(Number(response.header("content-length") ?? 0), mostReserved));
  await response.readInto((chunk) => {
    if (limit > 0 && body.length + chunk.length >= limit) throw tooLarge(limit);
    body.append(chunk);
  });
  const decompress = decoders[response.header("content-encoding") ?? ""];
  if (decompress === undefined) return;
  const content = await decode(decompress, body.content(), limit);
  body.clear();
  body.append(content);
}

/** Stops as soon as more comes out than the limit allows, so that a small answer cannot become a huge one. */
async function decode(decompress: Decompress, content: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    const maxOutput = limit > 0 && { maxOutputLength: Math.max(1, limit - 1) };
    const { buffer, engine } = await decompress(content, { info: true, ...maxOutput });
    // zlib passes over zero bytes behind the end, which Go takes for a broken stream.
    if (engine.bytesWritten === content.length) return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw new ScrapeFailure("content", `cannot decompress the answer: ${describeError(error)}`);
  }
  throw new ScrapeFailure("content", "cannot decompress the answer: there are bytes behind its end");
}

function tooLarge(limit: number): ScrapeFailure {
  return new ScrapeFailure("body_size_limit", `the answer is not shorter than body_size_limit, ${limit} bytes`);
}
