import type { Clock } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { describeError } from "../../lib/errors.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { BodyTooLargeError, type HttpResponse } from "../../lib/http-message.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What came of one attempt to send a block. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The same block again: after `afterMs` where the endpoint asked for it, else after the backoff. */
  | { readonly kind: "retry"; readonly reason: string; readonly afterMs?: number }
  /** The endpoint will never take this block. */
  | { readonly kind: "reject"; readonly status: number; readonly reason: string }
  /** The endpoint takes no block at all until a person has changed something. */
  | { readonly kind: "park"; readonly reason: string };

export interface PushClientOptions {
  readonly client: HttpClient;
  readonly url: URL;
  /** The protocol's headers and the user's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Sends blocks to one endpoint, one attempt at a time, and says what the answer means. */
export class PushClient {
  readonly #options: PushClientOptions;

  constructor(options: PushClientOptions) {
    this.#options = options;
  }

  /** `retry` is 0 for the first attempt. An abort of `stop` ends the attempt as one to be retried. */
  async push(payload: Uint8Array, retry: number, stop: AbortSignal): Promise<Outcome> {
    const { client, url, headers, timeoutMs, clock } = this.#options;
    const attempt = new AbortController();
    const abort = () => attempt.abort(new Error("stopped"));
    const cancelTimeout = clock.after(timeoutMs, () => attempt.abort(noAnswer(timeoutMs)));
    stop.addEventListener("abort", abort);
    if (stop.aborted) abort();
    try {
      const response = await client.request({
        method: "POST",
        url,
        headers: retry === 0 ? headers : { ...headers, "Retry-Attempt": String(retry) },
        body: payload,
        signal: attempt.signal,
      });
      return await outcomeOf(response, clock);
    } catch (error) {
      return { kind: "retry", reason: describeError(error) };
    } finally {
      cancelTimeout();
      stop.removeEventListener("abort", abort);
    }
  }
}

function noAnswer(timeoutMs: number): Error {
  return new Error(`no answer within ${formatDuration(timeoutMs)}`);
}

/** These speak about the endpoint and not about the block: once a person has repaired it, the block is welcome. */
const parkStatuses: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407]);

async function outcomeOf(response: HttpResponse, clock: Clock): Promise<Outcome> {
  const { status } = response;
  if (status >= 200 && status < 300) {
    await response.discard();
    return { kind: "delivered" };
  }
  const said = await bodyText(response);
  const reason = said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
  if (status >= 500 || status === 429 || status === 408) {
    const afterMs = parseRetryAfter(response.header("retry-after"), clock.now());
    return { kind: "retry", reason, ...(afterMs !== undefined && { afterMs }) };
  }
  if (parkStatuses.has(status)) return { kind: "park", reason: `${reason}; ${remedies[status] ?? "check the url"}` };
  if (status < 400) return { kind: "park", reason: `${reason}; set url to where it redirects` };
  return { kind: "reject", status, reason };
}

const remedies: Readonly<Record<number, string>> = {
  401: "check the credentials",
  403: "check the credentials and what they permit",
  407: "check the credentials of the proxy",
};

const bodyLimit = 64 * 1024;

/** A receiver may say anything here, so no more of it goes to the log than a line needs. */
const shownLimit = 256;

async function bodyText(response: HttpResponse): Promise<string> {
  try {
    const body = await response.read(bodyLimit);
    const text = Buffer.from(body.subarray(0, shownLimit)).toString();
    return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  } catch (error) {
    if (error instanceof BodyTooLargeError) return "";
    throw error;
  }
}
