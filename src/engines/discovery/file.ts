import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { parseYamlTree, plainValue, YamlError } from "../../lib/yaml.ts";
import type { TargetGroup } from "../../signals/targets.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { filesMatching, matchesPattern } from "./file-pattern.ts";
import type { Found, Polling } from "./search.ts";
import { parseTargetGroups, targetLabels } from "./target-groups.ts";

export interface FileSearchOptions {
  /** Absolute; a `*` may stand in the last element only. */
  readonly patterns: readonly string[];
  /** Between two readings of all files, changed or not. */
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly onReadError: () => void;
}

/**
 * Prometheus' file_sd; a source is a file. One that cannot be read fails by itself; one that is gone has no targets.
 *
 * A look at the files every few seconds is the truth, a watch on their folders makes it sooner, and a good file that
 * looks the same from outside (inode, size, time) is read again only at the refresh interval.
 */
export class FileSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: FileSearchOptions;
  #files = new Map<string, FileState>();
  #watch: DirectoryWatch | undefined;
  #rereadAt = 0;

  constructor(options: FileSearchOptions) {
    this.#options = options;
    this.refreshIntervalMs = Math.min(lookIntervalMs, options.refreshIntervalMs);
  }

  async refresh(_stop: AbortSignal, known: readonly string[]): Promise<Found> {
    const always = this.#startReading();
    const failures = new Map<string, unknown>();
    const files = new Map<string, FileState>();
    for (const path of await this.#list(known, failures)) {
      try {
        files.set(path, await look(path, this.#files.get(path), always));
      } catch (error) {
        failures.set(path, new Error(`cannot read ${path}`, { cause: error }));
        this.#options.onReadError();
      }
    }
    this.#files = files;
    return { groups: [...files.values()].map(({ group }) => group), failures };
  }

  hints(hint: () => void): () => void {
    const watch = new DirectoryWatch([...new Set(this.#options.patterns.map(dirname))], hint);
    this.#watch = watch;
    return () => watch.close();
  }

  #startReading(): boolean {
    const now = this.#options.clock.monotonic();
    if (now < this.#rereadAt) return false;
    this.#rereadAt = now + this.#options.refreshIntervalMs;
    this.#watch?.renew();
    return true;
  }

  /** Where a folder cannot be listed, the files of it that are known fail. */
  async #list(known: readonly string[], failures: Map<string, unknown>): Promise<string[]> {
    const listed = new Set<string>();
    for (const pattern of this.#options.patterns) {
      try {
        for (const path of await filesMatching(pattern)) listed.add(path);
      } catch (error) {
        const failure = new Error(`cannot list ${dirname(pattern)}`, { cause: error });
        failures.set(pattern, failure);
        for (const path of known.filter(matchesPattern(pattern))) failures.set(path, failure);
      }
    }
    return [...listed].sort();
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
  readonly group: TargetGroup;
}

/** What the file says; without reading it where it looks the same as `last` did. Rejects where it cannot be read. */
async function look(path: string, last: FileState | undefined, always: boolean): Promise<FileState> {
  const stats = await stat(path);
  const signature = `${stats.ino} ${stats.size} ${stats.ctimeMs}`;
  if (!always && last?.signature === signature) return last;
  // Reading a pipe would wait for a writer, for ever.
  if (!stats.isFile()) throw new Error("not a regular file");
  if (stats.size > maxBytes) throw new Error(`larger than ${maxBytes / 2 ** 20} MiB`);
  return { signature, group: groupOf(path, await readFile(path, "utf8")) };
}

function groupOf(path: string, text: string): TargetGroup {
  const list = path.toLowerCase().endsWith(".json") ? JSON.parse(text) : parseYamlTexts(text);
  const labels = parseTargetGroups(list).flatMap((group) => targetLabels(group, { __meta_filepath: path }));
  return { source: path, targets: labels.map((labels) => ({ labels })) };
}

/** Label values are text: an unquoted `1.10` or `yes` is taken as it is spelled. */
function parseYamlTexts(text: string): unknown {
  const { root, mistakes } = parseYamlTree(text);
  if (mistakes[0] !== undefined) throw new YamlError(mistakes[0]);
  return root && plainValue(root, (scalar) => (scalar.value === null ? null : scalar.text));
}
