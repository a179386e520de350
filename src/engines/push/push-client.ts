import type { Clock } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { describeError } from "../../lib/errors.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from "../../lib/http-message.ts";
import type { PushRequest } from "./block-codec.ts";
import type { RequestSigner } from "./request-signer.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What came of one attempt to send a block. `status` is that of the answer, where there was one. */
export type Outcome =
  | { readonly kind: "delivered"; readonly status?: number; readonly written?: Written }
  /** The same block again: after `afterMs` where the endpoint asked for it, else after the backoff. */
  | { readonly kind: "retry"; readonly status?: number; readonly reason: string; readonly afterMs?: number }
  /** The endpoint takes no block at all until a person has changed something. */
  | { readonly kind: "park"; readonly status: number; readonly reason: string }
  /** Something in it is invalid: its halves are sent instead. */
  | { readonly kind: "split"; readonly reason: string; readonly halves: readonly [PushRequest, PushRequest] }
  /** The endpoint does not know the protocol: the same block is sent in another one. */
  | { readonly kind: "fall back"; readonly reason: string }
  | Rejection;

/** The endpoint will never take this. */
export interface Rejection {
  readonly kind: "reject";
  readonly status: number;
  readonly reason: string;
  /** Its words show that it has read what was sent: it is no wrong endpoint. */
  readonly hasRead?: boolean;
}

/** What an answer of remote write 2.0 says was written; a header that is missing says 0. */
export interface Written {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export interface PushClientOptions {
  readonly client: HttpClient;
  readonly url: URL;
  /** The user's. */
  readonly headers: Readonly<Record<string, string>>;
  /** For credentials that every request is given anew. */
  readonly signer?: RequestSigner | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Sends blocks to one endpoint, one attempt at a time, and says what the answer means. */
export class PushClient {
  readonly #options: PushClientOptions;
  /** Of all attempts until one is aborted. */
  #controller = new AbortController();
  #headers: { readonly own: PushRequest["headers"]; readonly all: Readonly<Record<string, string>> } | undefined;

  constructor(options: PushClientOptions) {
    this.#options = options;
  }

  /** `retry` is 0 for the first attempt. An abort of `stop` ends the attempt as one to be retried. */
  async push(request: PushRequest, retry: number, stop: AbortSignal): Promise<Outcome> {
    const { client, url, timeoutMs, clock } = this.#options;
    const headers = this.#headersOf(request);
    const attempt = this.#controller;
    const end = (reason: Error) => {
      this.#controller = new AbortController();
      attempt.abort(reason);
    };
    const abort = () => end(new Error("stopped"));
    const cancelTimeout = clock.after(timeoutMs, () => end(noAnswer(timeoutMs)));
    stop.addEventListener("abort", abort);
    if (stop.aborted) abort();
    try {
      const response = await client.request(
        await this.#signed({
          method: "POST",
          url,
          headers: retry === 0 ? headers : { ...headers, "Retry-Attempt": String(retry) },
          body: request.payload,
          signal: attempt.signal,
        }),
      );
      if (response.status === 401 || response.status === 403) this.#options.signer?.forget();
      return await outcomeOf(response, clock);
    } catch (error) {
      return { kind: "retry", reason: describeError(error) };
    } finally {
      cancelTimeout();
      stop.removeEventListener("abort", abort);
    }
  }

  /** One object for as long as they are the same: the HTTP client keeps what it has made of it. */
  #headersOf({ headers: own }: PushRequest): Readonly<Record<string, string>> {
    if (this.#headers?.own !== own) this.#headers = { own, all: { ...this.#options.headers, ...own } };
    return this.#headers.all;
  }

  async #signed(request: HttpRequest): Promise<HttpRequest> {
    const { signer } = this.#options;
    if (signer === undefined) return request;
    return { ...request, headers: { ...request.headers, ...(await signer.headers(request)) } };
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
    const written = writtenOf(response);
    return { kind: "delivered", status, ...(written !== undefined && { written }) };
  }
  const said = await bodyText(response);
  const reason = said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
  if (status >= 500 || status === 429 || status === 408) {
    const afterMs = parseRetryAfter(response.header("retry-after"), clock.now());
    return { kind: "retry", status, reason, ...(afterMs !== undefined && { afterMs }) };
  }
  if (parkStatuses.has(status)) {
    return { kind: "park", status, reason: `${reason}; ${remedies[status] ?? "check the url"}` };
  }
  if (status < 400) return { kind: "park", status, reason: `${reason}; set url to where it redirects` };
  return { kind: "reject", status, reason };
}

const remedies: Readonly<Record<number, string>> = {
  401: "check the credentials",
  403: "check the credentials and what they permit",
  407: "check the credentials of the proxy",
};

/** Undefined where none of the headers is there. */
function writtenOf(response: HttpResponse): Written | undefined {
  const [samples, histograms, exemplars] = ["samples", "histograms", "exemplars"].map((kind) =>
    response.header(`x-prometheus-remote-write-${kind}-written`),
  );
  if (samples === undefined && histograms === undefined && exemplars === undefined) return undefined;
  return { samples: countOf(samples), histograms: countOf(histograms), exemplars: countOf(exemplars) };
}

function countOf(header = ""): number {
  return /^[0-9]+$/.test(header) ? Number(header) : 0;
}

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
