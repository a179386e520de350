import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ConfigError, defineComponent, gauge } from "../../component.ts";
import { fileMatchFields, globWords, labels } from "../../config/fields/file-match.ts";
import { matchFiles, type PathTarget } from "../../engines/tail/file-match.ts";
import { parsePathPattern } from "../../engines/tail/path-pattern.ts";
import { realTailFiles } from "../../engines/tail/tail-files.ts";
import { describeError } from "../../lib/errors.ts";
import { every } from "../../lib/every.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { TargetGroup } from "../../signals/targets.ts";

export const localFileMatch = defineComponent({
  type: "local.file_match",
  summary: "Finds files by patterns and makes a target of each.",
  description:
    "A pattern and its exclusion stand in the labels `__path__` and `__path_exclude__` of `path_targets` or of the targets " +
    `of other components: ${globWords}. Every file that there is becomes a target with the other labels and its own ` +
    "`__path__`. `loki.source.file` finds files by `paths` itself: this component is for what lies in between, such as " +
    "`discovery.relabel`.",
  accepts: "targets",
  targetsOptional: true,
  emits: "targets",
  metrics: { files: gauge("files", "Files that are found at present.") },
  config: z.strictObject({
    path_targets: z
      .array(labels)
      .default([])
      .describe("Label sets with `__path__`, perhaps `__path_exclude__`, and labels for the files that are found."),
    ...fileMatchFields,
  }),
  example: `
local.file_match.apps:
  path_targets:
    - { __path__: "/var/log/apps/**/*.log", __path_exclude__: "/var/log/apps/**/debug.log", job: apps }

loki.source.file.apps:
  targets: [local.file_match.apps]
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create({ path_targets, sync_period, ignore_older_than }, { output, metrics, configDir, world, setHealth, log }) {
    const own = path_targets.map((record) => patternOf(labelsFrom(record), configDir));
    let received: readonly PathTarget[] = [];
    let last: readonly TargetGroup[] | undefined;
    const { clock } = world;

    /** What is looked for may change while the search is on; the later one has the last word. */
    let searches = Promise.resolve();
    const search = () => {
      searches = searches.then(searchOnce);
      return searches;
    };
    async function searchOnce(): Promise<void> {
      const options = { files: realTailFiles, ignoreOlderThanMs: ignore_older_than, now: () => clock.now() };
      const { groups, failures } = await matchFiles([...own, ...received], options);
      const [failure] = failures;
      if (failure === undefined) setHealth("healthy");
      else setHealth("unhealthy", `cannot list ${failure[0]}: ${describeError(failure[1])}`);
      metrics.files.set(countOf(groups));
      if (isDeepStrictEqual(groups, last)) return;
      try {
        await output.receive(groups);
        last = groups;
      } catch (error) {
        log.warn("a receiver does not take the files", { error });
      }
    }

    return {
      input: {
        async receive(groups) {
          received = groups.flatMap(({ targets }) =>
            targets.flatMap(({ labels }) => receivedPattern(labels, configDir)),
          );
          // Before the first search there is nothing to bring up to date.
          if (last !== undefined) await search();
        },
      },
      async run(stop) {
        last = undefined;
        await every(clock, sync_period, stop, search);
      },
      debug: () => ({ files: countOf(last ?? []), patterns: (last ?? []).map(foundBy) }),
    };
  },
});

function countOf(groups: readonly TargetGroup[]): number {
  return groups.reduce((sum, { targets }) => sum + targets.length, 0);
}

function foundBy({ source, targets }: TargetGroup) {
  return { pattern: source, files: targets.length };
}

/** The user's mistake. */
function patternOf(all: Labels, configDir: string): PathTarget {
  const { __path__: path, __path_exclude__: exclude, ...others } = labelRecord(all);
  if (path === undefined) throw new ConfigError("path_targets: a label set has no `__path__`");
  try {
    return {
      pattern: parsePathPattern(resolve(configDir, path)),
      excludes: exclude === undefined ? [] : [parsePathPattern(resolve(configDir, exclude))],
      labels: labelsFrom(others),
    };
  } catch (error) {
    throw new ConfigError(describeError(error));
  }
}

/** A target of somebody else's that has no path, or none that can be one, is no file. */
function receivedPattern(all: Labels, configDir: string): PathTarget[] {
  try {
    return [patternOf(all, configDir)];
  } catch {
    return [];
  }
}
