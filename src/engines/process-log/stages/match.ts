import { parseLogQl } from "../../../formats/log-line/logql.ts";
import type { Entry } from "../entry.ts";
import { keeping, OptionError, readOption, type Stage, type StageKind } from "../stage.ts";
import type { StageConfig } from "../stage-config.ts";

export interface MatchOptions {
  /** A LogQL selector with line filters. */
  readonly selector: string;
  readonly action: "keep" | "drop";
  readonly drop_counter_reason: string;
  /** What the entries go through that match; the others pass by. */
  readonly stages: readonly StageConfig[];
}

export const match: StageKind<MatchOptions> = {
  name: "match",
  create({ selector, action, drop_counter_reason: reason, stages }, { counts, nested }) {
    const { matches } = readOption(["selector"], "a LogQL selector", () => parseLogQl(selector));
    if (action === "drop") {
      if (stages.length > 0) throw new OptionError(["stages"], "what is dropped goes through no stages");
      return keeping(({ labels, line }) => {
        const isMatch = matches(labels, line);
        if (isMatch) counts.dropped(reason);
        return !isMatch;
      });
    }
    if (stages.length === 0) throw new OptionError([], "needs stages, or action: drop");
    return branch(({ labels, line }) => matches(labels, line), nested(stages, "stages"));
  },
};

/** Runs of entries that match go through `inner`, and keep their place among the others. */
function branch(isIn: (entry: Entry) => boolean, inner: Stage): Stage {
  return {
    process(entries) {
      const passed: Entry[] = [];
      for (let from = 0; from < entries.length; ) {
        const to = runEnd(entries, from, isIn);
        if (to === from) passed.push(entries[from++]!);
        else passed.push(...inner.process(entries.slice(from, to)));
        from = Math.max(from, to);
      }
      return passed;
    },
    due: () => inner.due?.(),
    release: (now) => inner.release?.(now) ?? [],
  };
}

/** Behind the last of the entries in a row that are in. */
function runEnd(entries: readonly Entry[], from: number, isIn: (entry: Entry) => boolean): number {
  let to = from;
  while (to < entries.length && isIn(entries[to]!)) to++;
  return to;
}
