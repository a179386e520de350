import type { Clock } from "../../../lib/clock.ts";
import { listAt, textAt, valueAt } from "../../../lib/json-at.ts";
import { within } from "../../../lib/within.ts";
import { AnswerError, requestJson, type Send } from "../json-request.ts";
import type { KubeObject } from "./objects.ts";

/** One list of objects of the API, and what narrows it down. */
export interface Resource {
  /** `api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/** The state that was asked for is too old: one has to list again. */
export class GoneError extends Error {}

/** The three calls of the Kubernetes API that a watch is made of. */
export class KubeApi {
  readonly #base: URL;
  readonly #send: Send;
  readonly #clock: Clock;

  constructor(base: URL, send: Send, clock: Clock) {
    this.#base = base;
    this.#send = send;
    this.#clock = clock;
  }

  /** All objects, in pages. `version` is the state that they are of: a watch goes on from there. */
  async list(resource: Resource, signal: AbortSignal): Promise<{ objects: KubeObject[]; version: string }> {
    const objects: KubeObject[] = [];
    for (let next = ""; ; ) {
      const url = this.#url(resource, { limit: String(pageSize), ...(next !== "" && { continue: next }) });
      const page = await within(listTimeoutMs, this.#clock, signal, url.host, async (limited) => {
        return (await requestJson(this.#send, request(url, limited)).catch(goneOr)).value;
      });
      for (const object of listAt(page, "items")) objects.push(object);
      next = textAt(page, "metadata", "continue");
      if (next === "") return { objects, version: textAt(page, "metadata", "resourceVersion") };
    }
  }

  /**
   * Resolves when the watch stands: what happens after a state, bookmarks included, until the server ends it; it does so
   * after `seconds`. Throws a GoneError when the state is too old, and an Error for whatever else ends it.
   */
  async watch(
    resource: Resource,
    version: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<WatchEvent, void>> {
    const url = this.#url(resource, {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: version,
      timeoutSeconds: String(seconds),
    });
    const response = await this.#send(request(url, signal));
    if (response.status !== 200) {
      await response.discard();
      goneOr(new AnswerError(response.status, `${url.host}${url.pathname} answers HTTP status ${response.status}`));
    }
    return events(response.chunks());
  }

  #url({ path, labelSelector, fieldSelector }: Resource, parameters: Readonly<Record<string, string>>): URL {
    const url = new URL(path, this.#base);
    if (labelSelector) url.searchParams.set("labelSelector", labelSelector);
    if (fieldSelector) url.searchParams.set("fieldSelector", fieldSelector);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }
}

/** As kubectl and the Go client ask for. */
const pageSize = 500;

const listTimeoutMs = 60_000;

/** Beyond what etcd stores for an object, several times. */
const maxLineBytes = 64 * 2 ** 20;

function request(url: URL, signal: AbortSignal) {
  return { method: "GET", url, headers: { accept: "application/json" }, signal } as const;
}

function goneOr(error: unknown): never {
  throw error instanceof AnswerError && error.status === 410 ? new GoneError(error.message) : error;
}

async function* events(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent, void> {
  for await (const line of lines(chunks)) {
    const event = parseEvent(line);
    if (event.type === "ERROR") throw refusal(event.object);
    yield event;
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield Buffer.concat([...begun, rest.subarray(0, end)]).toString();
      begun = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) begun.push(rest);
    length += rest.length;
    if (length > maxLineBytes) throw new Error("an event of the watch is too long");
  }
}

function parseEvent(line: string): WatchEvent {
  try {
    const event: unknown = JSON.parse(line);
    return { type: textAt(event, "type"), object: valueAt(event, "object") };
  } catch {
    throw new Error("the watch sends something that is not JSON");
  }
}

function refusal(status: unknown): Error {
  const message = textAt(status, "message") || textAt(status, "reason") || "it says no reason";
  return textAt(status, "code") === "410" ? new GoneError(message) : new Error(`the watch was ended: ${message}`);
}
