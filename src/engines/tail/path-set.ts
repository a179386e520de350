import { dirname } from "node:path";
import { formatLabels, type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import { FollowedPath } from "./followed-path.ts";
import type { StreamName } from "./log-file.ts";
import { findPaths, type PathPattern } from "./path-pattern.ts";
import type { TailFiles } from "./tail-files.ts";

/** What the user wants followed. */
export interface TailTarget {
  readonly pattern: PathPattern;
  readonly excludes: readonly PathPattern[];
  /** Of its streams, `filename` aside. */
  readonly labels: Labels;
}

export interface PathSetOptions {
  readonly files: TailFiles;
  /** Files whose last write is longer ago are not begun with; 0 is no limit. */
  readonly ignoreOlderThanMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A folder cannot be listed. */
  readonly onFailure: (folder: string, error: unknown) => void;
  /** It can again, or nobody wants it listed any more. */
  readonly onListed: (folder: string) => void;
}

interface Search {
  readonly target: TailTarget;
  readonly stream: string;
  wasDone: boolean;
}

/** The paths that the targets stand for now. */
export class PathSet {
  readonly #options: PathSetOptions;
  readonly #followed = new Map<string, FollowedPath>();
  /** Thousands, where something has expanded them already. */
  #literal = new Map<string, Search>();
  #searches: readonly Search[] = [];
  /** Folders that the last search could not list. */
  #unlisted: ReadonlySet<string> = new Set();

  constructor(options: PathSetOptions) {
    this.#options = options;
  }

  get all(): Iterable<FollowedPath> {
    return this.#followed.values();
  }

  get size(): number {
    return this.#followed.size;
  }

  setTargets(targets: readonly TailTarget[]): void {
    const before = new Map([...this.#searches, ...this.#literal.values()].map((search) => [searchKey(search), search]));
    const searches = targets.map((target) => {
      const search = { target, stream: formatLabels(target.labels), wasDone: false };
      return before.get(searchKey(search)) ?? search;
    });
    const isLiteral = ({ target }: Search) => target.pattern.isLiteral;
    const literal = searches.filter(isLiteral);
    this.#literal = new Map(
      literal.map((search) => [keyOf({ path: search.target.pattern.text, stream: search.stream }), search]),
    );
    this.#searches = searches.filter((search) => !isLiteral(search));
  }

  /** Searches. Resolves to the folders worth watching; `former` are paths that had files at the last start. */
  async sync(former: readonly StreamName[]): Promise<ReadonlySet<string>> {
    const { files, onFailure, onListed } = this.#options;
    const folders = new Set<string>();
    const unlisted = new Set<string>();
    const fail = (folder: string, error: unknown) => {
      unlisted.add(folder);
      onFailure(folder, error);
    };
    for (const search of this.#literal.values()) {
      folders.add(dirname(search.target.pattern.text));
      await this.#follow(search.target.pattern.text, search);
    }
    for (const search of this.#searches) {
      const found = await findPaths(files, search.target.pattern, fail);
      for (const folder of found.folders) folders.add(folder);
      for (const path of found.paths) await this.#follow(path, search);
    }
    for (const search of [...this.#literal.values(), ...this.#searches]) search.wasDone = true;
    for (const folder of this.#unlisted) if (!unlisted.has(folder)) onListed(folder);
    this.#unlisted = unlisted;
    // What was rotated away while nobody looked has no name to find, and yet something to read.
    for (const name of former) {
      const search = this.#searchOf(name);
      if (search !== undefined) this.#add(name.path, search);
    }
    return folders;
  }

  /** Whether a search would find the path, and none has. */
  isNew(path: string): boolean {
    return this.#searches.some(({ target, stream }) => {
      return !this.#followed.has(keyOf({ path, stream })) && target.pattern.matches(path);
    });
  }

  /** Whether a target still stands for the path, found or not. */
  covers(name: StreamName): boolean {
    return this.#searchOf(name) !== undefined;
  }

  delete(followed: FollowedPath): void {
    this.#followed.delete(keyOf(followed.name));
  }

  #searchOf(name: StreamName): Search | undefined {
    const { path, stream } = name;
    const isIt = (search: Search) => search.stream === stream && search.target.pattern.matches(path);
    const search = this.#literal.get(keyOf(name)) ?? this.#searches.find(isIt);
    return search === undefined || isExcluded(search, path) ? undefined : search;
  }

  async #follow(path: string, search: Search): Promise<void> {
    if (this.#followed.has(keyOf({ path, stream: search.stream })) || isExcluded(search, path)) return;
    if (this.#options.ignoreOlderThanMs > 0 && (await this.#isOld(path))) return;
    this.#add(path, search);
  }

  #add(path: string, { target, stream, wasDone }: Search): void {
    const name = { path, stream };
    if (this.#followed.has(keyOf(name))) return;
    const labels = labelsFrom({ ...labelRecord(target.labels), filename: path });
    this.#followed.set(keyOf(name), new FollowedPath(name, labels, !wasDone));
  }

  async #isOld(path: string): Promise<boolean> {
    const { files, now, ignoreOlderThanMs } = this.#options;
    const stat = await files.stat(path).catch(() => undefined);
    return stat !== undefined && Number(stat.mtimeNs / 1_000_000n) < now() - ignoreOlderThanMs;
  }
}

function isExcluded({ target }: Search, path: string): boolean {
  return target.excludes.some(({ matches }) => matches(path));
}

function searchKey({ target, stream }: Search): string {
  const excludes = target.excludes.map(({ text }) => `\0${text}`).join("");
  return keyOf({ path: target.pattern.text, stream }) + excludes;
}

function keyOf({ path, stream }: StreamName): string {
  return `${stream}\0${path}`;
}
