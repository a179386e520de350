import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import { parseYamlTree, plainValue, YamlError } from "../../lib/yaml.ts";
import { equalLabels, noLabels } from "../../signals/labels.ts";
import type { TargetGroup } from "../../signals/targets.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { filesMatching } from "./file-pattern.ts";
import { Poll } from "./poll.ts";
import { parseTargetGroups, targetLabels } from "./target-groups.ts";

export interface FileDiscoveryOptions {
  /** Absolute; a `*` may stand in the last element only. */
  readonly patterns: readonly string[];
  /** Between two readings of all files, changed or not. */
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  /** Takes the whole set; called first of all, and then only when the set has changed. */
  readonly publish: (groups: readonly TargetGroup[]) => Promise<void>;
  /** After every look at the files: what does not work at present, in words for the user. */
  readonly report: (failures: readonly string[]) => void;
}

export interface DiscoveredFile {
  readonly path: string;
  readonly targets: number;
  /** Why its present content is not what its targets come from. */
  readonly failure?: string;
}

/**
 * Prometheus' file_sd. A file that cannot be read keeps its last good targets; one that is gone takes them along.
 *
 * A look at the files every few seconds is the truth, a watch on their folders makes it sooner, and a good file that
 * looks the same from outside (inode, size, time) is read again only at the refresh interval.
 */
export class FileDiscovery {
  readonly #options: FileDiscoveryOptions;
  readonly #poll: Poll;
  readonly #watch: DirectoryWatch;
  /** Pattern to its files at the last look that succeeded. */
  readonly #listed = new Map<string, readonly string[]>();
  #files = new Map<string, FileState>();
  #published: readonly TargetGroup[] | undefined;
  #refreshAt = 0;

  constructor(options: FileDiscoveryOptions) {
    const { patterns, refreshIntervalMs, clock } = options;
    this.#options = options;
    this.#poll = new Poll(clock, Math.min(lookIntervalMs, refreshIntervalMs), () => this.#look());
    this.#watch = new DirectoryWatch([...new Set(patterns.map(dirname))], () => this.#poll.hint());
  }

  async run(stop: AbortSignal): Promise<void> {
    this.#refreshAt = this.#options.clock.monotonic();
    try {
      await this.#poll.run(stop);
    } finally {
      this.#watch.close();
    }
  }

  files(): DiscoveredFile[] {
    return [...this.#files].map(([path, { groups, failure }]) => ({
      path,
      targets: groups.reduce((sum, { targets }) => sum + targets.length, 0),
      ...(failure === undefined ? {} : { failure }),
    }));
  }

  async #look(): Promise<void> {
    const isRefresh = this.#startRefresh();
    const failures: string[] = [];
    const files = new Map<string, FileState>();
    for (const path of await this.#list(failures)) {
      files.set(path, await look(path, this.#files.get(path), isRefresh));
    }
    this.#files = files;
    for (const { failure } of files.values()) if (failure !== undefined) failures.push(failure);
    await this.#publish(
      [...files.values()].flatMap(({ groups }) => groups),
      failures,
    );
    this.#options.report(failures);
  }

  #startRefresh(): boolean {
    const now = this.#options.clock.monotonic();
    if (now < this.#refreshAt) return false;
    this.#refreshAt = now + this.#options.refreshIntervalMs;
    this.#watch.renew();
    return true;
  }

  async #list(failures: string[]): Promise<string[]> {
    for (const pattern of this.#options.patterns) {
      try {
        this.#listed.set(pattern, await filesMatching(pattern));
      } catch (error) {
        failures.push(`cannot list ${dirname(pattern)}: ${describeError(error)}`);
      }
    }
    return [...new Set([...this.#listed.values()].flat())].sort();
  }

  /** A set that was refused is offered again at the next look: what is known of the files must not get lost with it. */
  async #publish(groups: readonly TargetGroup[], failures: string[]): Promise<void> {
    const last = this.#published;
    if (last?.length === groups.length && groups.every((group, index) => equalGroups(group, last[index]))) return;
    try {
      await this.#options.publish(groups);
      this.#published = groups;
    } catch (error) {
      failures.push(`cannot hand on the targets: ${describeError(error)}`);
    }
  }
}

/** Prometheus has its watches, and beyond them only the refresh interval, which is minutes. */
const lookIntervalMs = 5_000;

/** Far beyond any real list of targets. */
const maxBytes = 64 * 2 ** 20;

interface FileState {
  /**
   * What the file looked like from outside just before it was last read. Any change sets a new ctime; but the kernel's
   * clock for it has coarse ticks, and two changes within one look the same.
   */
  readonly signature: string;
  /** The last good ones. */
  readonly groups: readonly TargetGroup[];
  readonly failure?: string;
}

async function look(path: string, last: FileState | undefined, always: boolean): Promise<FileState> {
  let signature = "";
  try {
    const stats = await stat(path);
    signature = `${stats.ino} ${stats.size} ${stats.ctimeMs}`;
    if (!always && last?.signature === signature && last.failure === undefined) return last;
    // Reading a pipe would wait for a writer, for ever.
    if (!stats.isFile()) throw new Error("not a regular file");
    if (stats.size > maxBytes) throw new Error(`larger than ${maxBytes / 2 ** 20} MiB`);
    return { signature, groups: groupsOf(path, await readFile(path, "utf8")) };
  } catch (error) {
    return { signature, groups: last?.groups ?? [], failure: `cannot read ${path}: ${describeError(error)}` };
  }
}

/** One source per group of a file, as in Prometheus. */
function groupsOf(path: string, text: string): TargetGroup[] {
  const list = path.toLowerCase().endsWith(".json") ? JSON.parse(text) : parseYamlTexts(text);
  return parseTargetGroups(list).map((group, index) => ({
    source: `${path}:${index}`,
    targets: targetLabels(group, { __meta_filepath: path }).map((labels) => ({ labels })),
  }));
}

/** Label values are text: an unquoted `1.10` or `yes` is taken as it is spelled. */
function parseYamlTexts(text: string): unknown {
  const { root, mistakes } = parseYamlTree(text);
  if (mistakes[0] !== undefined) throw new YamlError(mistakes[0]);
  return root && plainValue(root, (scalar) => (scalar.value === null ? null : scalar.text));
}

function equalGroups(a: TargetGroup, b: TargetGroup | undefined): boolean {
  if (a === b) return true;
  return (
    a.source === b?.source &&
    a.targets.length === b.targets.length &&
    a.targets.every(({ labels }, index) => equalLabels(labels, b.targets[index]?.labels ?? noLabels))
  );
}
