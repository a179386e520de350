import { resolve } from "node:path";
import { type Labels, labelRecord, labelsFrom, labelValue } from "../../signals/labels.ts";
import type { Target } from "../../signals/targets.ts";
import { literalPath, type PathPattern, parsePathPattern } from "./path-pattern.ts";
import type { TailTarget } from "./path-set.ts";

/** An absolute pattern of a path that may be relative to a folder. */
export function patternIn(folder: string, path: string): PathPattern {
  return parsePathPattern(resolve(folder, path));
}

/** A target with `__path__`, and perhaps `__path_exclude__`. Undefined without a path; throws where a pattern is wrong. */
export function tailTarget({ labels }: Target, folder: string, isGlob: boolean): TailTarget | undefined {
  const path = labelValue(labels, "__path__");
  if (path === "") return undefined;
  const exclude = labelValue(labels, "__path_exclude__");
  return {
    pattern: isGlob ? patternIn(folder, path) : literalPath(resolve(folder, path)),
    excludes: exclude === "" ? [] : [patternIn(folder, exclude)],
    labels: entryLabels(labels),
  };
}

/** Labels that begin with `__` are for the way here; the tenant goes on to the receiver. */
export function entryLabels(labels: Labels): Labels {
  const kept = Object.entries(labelRecord(labels)).filter(
    ([name]) => !name.startsWith("__") || name === "__tenant_id__",
  );
  return labelsFrom(Object.fromEntries(kept));
}
