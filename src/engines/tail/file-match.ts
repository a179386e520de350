import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { TargetGroup } from "../../signals/targets.ts";
import { findPaths, type PathPattern } from "./path-pattern.ts";
import type { TailFiles } from "./tail-files.ts";

export interface PathTarget {
  readonly pattern: PathPattern;
  readonly excludes: readonly PathPattern[];
  /** What every target gets besides `__path__`. */
  readonly labels: Labels;
}

export interface FileMatchOptions {
  readonly files: TailFiles;
  /** 0 is no limit. */
  readonly ignoreOlderThanMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The files that patterns stand for now, a group for each pattern; `failures` are folders that cannot be listed. */
export async function matchFiles(
  targets: readonly PathTarget[],
  { files, ignoreOlderThanMs, now }: FileMatchOptions,
): Promise<{ readonly groups: readonly TargetGroup[]; readonly failures: ReadonlyMap<string, unknown> }> {
  const failures = new Map<string, unknown>();
  const oldest = ignoreOlderThanMs === 0 ? 0 : now() - ignoreOlderThanMs;
  const groups = targets.map(async ({ pattern, excludes, labels }) => {
    const { paths } = await findPaths(files, pattern, (folder, error) => failures.set(folder, error));
    const found: string[] = [];
    for (const path of paths) {
      if (excludes.some(({ matches }) => matches(path))) continue;
      const stat = await files.stat(path).catch(() => undefined);
      if (stat?.isFile && Number(stat.mtimeNs / 1_000_000n) >= oldest) found.push(path);
    }
    const all = labelRecord(labels);
    return {
      source: pattern.text,
      targets: found.map((path) => ({ labels: labelsFrom({ ...all, __path__: path }) })),
    };
  });
  return { groups: await Promise.all(groups), failures };
}
