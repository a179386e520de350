import type { HttpSurroundings } from "../../../lib/http-connections.ts";
import { labelsFrom } from "../../../signals/labels.ts";
import type { TargetGroup } from "../../../signals/targets.ts";
import type { Sink, Watching } from "../search.ts";
import { KubeApi } from "./api.ts";
import { type ApiPlace, connectApi } from "./connection.ts";
import { kinds, slim } from "./kinds.ts";
import { keyOf, ObjectStore } from "./object-store.ts";
import type { Find, Kind } from "./objects.ts";
import { Uses } from "./uses.ts";

export interface KubernetesOptions extends ApiPlace {
  readonly role: Kind;
  /** All of the cluster if empty. */
  readonly namespaces: readonly string[];
  /** Also the namespace that this runs in. */
  readonly ownNamespace: boolean;
  readonly selectors: Readonly<Partial<Record<Kind, { readonly label?: string; readonly field?: string }>>>;
  readonly attachNode: boolean;
  /** How long a list that is suddenly empty is doubted, for each of the grace. */
  readonly refreshIntervalMs: number;
  readonly random: () => number;
}

/** The objects of one role in a Kubernetes cluster; an object is a source. */
export class KubernetesSearch implements Watching {
  readonly refreshIntervalMs: number;
  readonly #options: KubernetesOptions;
  readonly #surroundings: HttpSurroundings;

  constructor(options: KubernetesOptions, surroundings: HttpSurroundings) {
    this.refreshIntervalMs = options.refreshIntervalMs;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  async watch(stop: AbortSignal, sink: Sink): Promise<void> {
    const { client, base, namespace } = await connectApi(this.#options, this.#surroundings);
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal]);
    let runs: readonly Promise<void>[] = [];
    try {
      const { clock } = this.#surroundings;
      const api = new KubeApi(base, (request) => client.request(request), clock);
      runs = new RoleWatch(this.#options, api, clock, this.#namespaces(namespace), sink).start(signal);
      await Promise.all(runs);
    } finally {
      ended.abort();
      await Promise.allSettled(runs);
      await client.close();
    }
  }

  #namespaces(own: string): readonly string[] {
    const { namespaces, ownNamespace } = this.#options;
    if (!ownNamespace) return namespaces;
    if (own === "") throw new Error("namespaces.own_namespace: nothing says which namespace this runs in");
    return [...new Set([own, ...namespaces])];
  }
}

/** The stores of a role and of what it looks at, and which object was made into targets by the help of which others. */
class RoleWatch {
  readonly #options: KubernetesOptions;
  readonly #sink: Sink;
  readonly #stores: readonly ScopedStore[];
  #hasReported = false;
  /** Users are keys of objects of the role; what they use is `kind namespace/name`. */
  readonly #uses = new Uses();

  constructor(
    options: KubernetesOptions,
    api: KubeApi,
    clock: HttpSurroundings["clock"],
    namespaces: readonly string[],
    sink: Sink,
  ) {
    this.#options = options;
    this.#sink = sink;
    const { role, attachNode, selectors, random } = options;
    const facts = kinds[role];
    const wanted: Kind[] = [role, ...facts.looksAt, ...(attachNode && facts.attachesNode ? (["node"] as const) : [])];
    this.#stores = wanted.flatMap((kind) =>
      scopesOf(kind, namespaces).map((scope) => {
        const path = pathOf(kind, scope);
        const { label, field } = selectors[kind] ?? {};
        const store = new ObjectStore({
          api,
          resource: { path, ...(label && { labelSelector: label }), ...(field && { fieldSelector: field }) },
          slim: (object) => slim(kind, object),
          clock,
          random,
          onList: (gone) => this.#takeList(scope, kind === role ? gone : []),
          onChange: (key) => this.#change(kind, scope, key),
          onFailure: (error) => sink.fail(new Error(`cannot watch ${path}`, { cause: error }), path),
          onRecovery: () => {
            if (this.#hasReported) sink.alive(path);
          },
        });
        return { kind, scope, store };
      }),
    );
  }

  start(stop: AbortSignal): Promise<void>[] {
    return this.#stores.map(({ store }) => store.run(stop));
  }

  /** Before all lists of a namespace are there, its targets would lack labels. */
  #isReady(scope: string): boolean {
    const relevant = this.#stores.filter((each) => each.scope === scope || each.scope === everywhere);
    return relevant.every(({ store }) => store.hasListed);
  }

  /** A namespace that may not be looked at keeps no other one waiting. */
  #takeList(scope: string, gone: readonly string[]): void {
    const own = this.#stores.filter(({ kind }) => kind === this.#options.role);
    const ready = own.filter((each) => this.#isReady(each.scope));
    const isWhole = ready.length === own.length;
    const news = ready.filter((each) => isWhole || scope === everywhere || each.scope === scope);
    if (news.length === 0) return;
    this.#hasReported = true;
    const keys = news.flatMap(({ store }) => Array.from(store.entries(), ([key]) => key));
    const groups = [...keys, ...gone].map((key) => this.#group(key));
    if (isWhole) this.#sink.replace(groups);
    else this.#sink.update(groups);
  }

  #change(kind: Kind, scope: string, key: string): void {
    const isOwn = kind === this.#options.role;
    if (isOwn && !this.#isReady(scope)) return;
    const changed = isOwn ? [key] : this.#uses.usersOf(`${kind} ${key}`);
    if (changed.length > 0) this.#sink.update(changed.map((each) => this.#group(each)));
  }

  /** Empty when the object is gone. */
  #group(key: string): TargetGroup {
    const { role, attachNode } = this.#options;
    const facts = kinds[role];
    const source = `${facts.source}/${facts.isNamespaced ? key : key.slice(1)}`;
    this.#uses.forget(key);
    const object = this.#get(role, key);
    if (object === undefined) return { source, targets: [] };
    const find: Find = (kind, namespace, name) => {
      const wanted = keyOf(namespace, name);
      this.#uses.add(key, `${kind} ${wanted}`);
      return this.#get(kind, wanted);
    };
    const { labels, targets } = facts.role(object, find, attachNode);
    return { source, targets: targets.map((own) => ({ labels: labelsFrom({ ...labels, ...own }) })) };
  }

  #get(kind: Kind, key: string) {
    for (const each of this.#stores) {
      const object = each.kind === kind ? each.store.get(key) : undefined;
      if (object !== undefined) return object;
    }
    return undefined;
  }
}

/** The objects of one kind in a namespace, or everywhere. */
interface ScopedStore {
  readonly kind: Kind;
  readonly scope: string;
  readonly store: ObjectStore;
}

/** No namespace has this name. */
const everywhere = "";

function scopesOf(kind: Kind, namespaces: readonly string[]): readonly string[] {
  return kinds[kind].isNamespaced && namespaces.length > 0 ? namespaces : [everywhere];
}

function pathOf(kind: Kind, scope: string): string {
  const { api, plural } = kinds[kind];
  return scope === everywhere ? `${api}/${plural}` : `${api}/namespaces/${encodeURIComponent(scope)}/${plural}`;
}
