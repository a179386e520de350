import { Backoff } from "../../../lib/backoff.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import { textAt } from "../../../lib/json-at.ts";
import { AnswerError } from "../json-request.ts";
import { GoneError, type KubeApi, type Resource } from "./api.ts";
import { type KubeObject, nameOf, namespaceOf } from "./objects.ts";

export interface StoreOptions {
  readonly api: KubeApi;
  readonly resource: Resource;
  /** What is kept of an object. */
  readonly slim: (object: KubeObject) => KubeObject;
  readonly clock: Clock;
  readonly random: () => number;
  /** The whole list is new; `gone` are the keys that were in the last one. */
  readonly onList: (gone: readonly string[]) => void;
  /** One object is new, changed or gone. */
  readonly onChange: (key: string) => void;
  readonly onFailure: (error: unknown) => void;
  /** After a failure all is well again, and nothing was missed. */
  readonly onRecovery: () => void;
}

export function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/**
 * A list of the API that is kept up to date by a watch.
 *
 *     list ─► state 7 ─► watch from 7 ─ events ─► state 12 ─┬─ ended, broken off ─► watch from 12
 *       ▲                                                   └─ 410 Gone ─┐
 *       └────────────────────────────────────────────────────────────────┘
 */
export class ObjectStore {
  readonly #options: StoreOptions;
  readonly #objects = new Map<string, KubeObject>();
  #version = "";
  #isFailing = false;
  hasListed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  entries(): Iterable<[key: string, object: KubeObject]> {
    return this.#objects;
  }

  /** Until `stop`; rejects when the API does not take the credentials, which whoever opened the connection may renew. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const backoff = new Backoff({ minMs: 1_000, maxMs: 30_000, jitter: 0.2, random });
    while (!stop.aborted) {
      const started = clock.monotonic();
      try {
        if (this.#version === "") await this.#list(stop);
        await this.#watch(stop);
      } catch (error) {
        if (stop.aborted) return;
        this.#fail(error);
      }
      // The pause is for a server that ends every watch at once.
      if (clock.monotonic() - started >= settledMs) backoff.reset();
      await sleep(clock, backoff.next(), stop);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof AnswerError && error.status === 401) throw error;
    if (error instanceof GoneError) {
      this.#version = "";
      return;
    }
    this.#isFailing = true;
    this.#options.onFailure(error);
  }

  async #list(stop: AbortSignal): Promise<void> {
    const { api, resource, slim, onList } = this.#options;
    const { objects, version } = await api.list(resource, stop);
    const before = [...this.#objects.keys()];
    this.#objects.clear();
    for (const object of objects) this.#objects.set(keyOf(namespaceOf(object), nameOf(object)), slim(object));
    this.#version = version;
    this.hasListed = true;
    onList(before.filter((key) => !this.#objects.has(key)));
    this.#recover();
  }

  async #watch(stop: AbortSignal): Promise<void> {
    const { api, resource, clock, random } = this.#options;
    const seconds = Math.round(minWatchSeconds * (1 + random()));
    const timeout = new AbortController();
    // A connection that died without a word would look like a quiet one.
    const cancel = clock.after((seconds + 30) * 1000, () => timeout.abort(new Error("the watch does not end")));
    const signal = AbortSignal.any([stop, timeout.signal]);
    try {
      const events = await api.watch(resource, this.#version, seconds, signal);
      this.#recover();
      for await (const { type, object } of events) this.#take(type, object);
    } finally {
      cancel();
    }
  }

  #take(type: string, object: KubeObject): void {
    const { slim, onChange } = this.#options;
    const key = keyOf(namespaceOf(object), nameOf(object));
    if (type === "DELETED") this.#objects.delete(key);
    else if (type === "ADDED" || type === "MODIFIED") this.#objects.set(key, slim(object));
    // A bookmark has a state only, and so has whatever is not known yet.
    this.#version = textAt(object, "metadata", "resourceVersion") || this.#version;
    if (["DELETED", "ADDED", "MODIFIED"].includes(type)) onChange(key);
  }

  #recover(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.onRecovery();
  }
}

/** As in the Go client: between five and ten minutes, so that not all clients come at once. */
const minWatchSeconds = 300;

const settledMs = 10_000;
