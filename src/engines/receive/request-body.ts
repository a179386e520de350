import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { describeError } from "../../lib/errors.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { BodyTooLargeError } from "../../lib/http-message.ts";

/** A request that cannot be taken, with what to say to the client. */
export class RefusedRequest extends Error {
  readonly answer: Answer;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.answer = textAnswer(status, `${text}\n`, headers);
  }
}

/**
 * The body as it was sent. Throws a RefusedRequest when it is longer than `limit` bytes, which the user sets by `setting`,
 * or when the client goes away.
 */
export async function readBody(request: IncomingMessage, limit: number, setting = "max_request_size"): Promise<Buffer> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) throw tooLarge(`${declared} bytes; the limit is ${limit}`, setting);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(`more than ${limit} bytes`, setting);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    throw new RefusedRequest(400, `cannot read the body: ${describeError(error)}`);
  }
  return Buffer.concat(chunks, length);
}

/** The connection ends with the answer: what is left of the body is of no use. */
export function tooLarge(text: string, setting = "max_request_size"): RefusedRequest {
  return new RefusedRequest(413, `the body is too large: ${text} (${setting})`, { Connection: "close" });
}

const unzip = promisify(gunzip);

/** Content of at most `limit` bytes; throws a BodyTooLargeError when it is more. */
export async function gunzipped(body: Buffer, limit: number): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: limit });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new BodyTooLargeError(`more than ${limit} bytes when decompressed`);
    throw new RefusedRequest(400, `cannot decompress the body: ${describeError(error)}`);
  }
}
