import type { Clock } from "../../../lib/clock.ts";
import { versionedBase } from "../../../lib/docker-engine.ts";
import { HttpError } from "../../../lib/http-error.ts";
import type { HttpRequest, HttpResponse } from "../../../lib/http-message.ts";
import { valueAt } from "../../../lib/json-at.ts";
import { within } from "../../../lib/within.ts";

type Send = (request: HttpRequest) => Promise<HttpResponse>;

const timeoutMs = 30_000;
const mostBytes = 4 * 1024 * 1024;

/** There is no such container, or no more. */
export class NoContainerError extends Error {}

/** What the logs of containers need of the Engine API. Rejects with a NoContainerError or an HttpError. */
export class DockerEngine {
  readonly #send: Send;
  readonly #url: URL;
  readonly #clock: Clock;

  constructor(send: Send, url: URL, clock: Clock) {
    this.#send = send;
    this.#url = url;
    this.#clock = clock;
  }

  /** Whether the container has a terminal, which makes its log another format. */
  async hasTerminal(id: string, stop: AbortSignal): Promise<boolean> {
    return within(timeoutMs, this.#clock, stop, "the Docker Engine", async (signal) => {
      const base = await versionedBase(this.#send, this.#url, signal);
      const response = await this.#get(`${base}containers/${encodeURIComponent(id)}/json`, signal);
      return valueAt(JSON.parse(await textOf(response)), "Config", "Tty") === true;
    });
  }

  /** The log from a time on, in seconds, and what is added to it; it ends when the container stops. */
  async follow(id: string, since: string, stop: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const base = await within(timeoutMs, this.#clock, stop, "the Docker Engine", (signal) =>
      versionedBase(this.#send, this.#url, signal),
    );
    const query = new URLSearchParams({ stdout: "1", stderr: "1", timestamps: "1", follow: "1", since });
    const response = await this.#get(`${base}containers/${encodeURIComponent(id)}/logs?${query}`, stop);
    return response.chunks();
  }

  async #get(path: string, signal: AbortSignal): Promise<HttpResponse> {
    const response = await this.#send({ method: "GET", url: new URL(path, this.#url), signal });
    if (response.status === 200) return response;
    const text = await textOf(response);
    if (response.status === 404) throw new NoContainerError("there is no such container");
    const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,200})/.exec(text)?.[1] ?? text.slice(0, 200).trim();
    throw new HttpError(`the Docker Engine answers HTTP status ${response.status}: ${message}`);
  }
}

async function textOf(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.read(mostBytes)).toString();
}
