import { compileRe2, type Re2 } from "../../../lib/re2.ts";
import type { Entry } from "../entry.ts";
import { keeping, OptionError, readOption, type StageKind } from "../stage.ts";
import { byteLength } from "../truncate-text.ts";

export interface DropOptions {
  /** One name or several, with commas between them. */
  readonly source: string;
  readonly separator: string;
  readonly expression: string;
  readonly value: string;
  /** Milliseconds. */
  readonly older_than?: number | undefined;
  /** Bytes. */
  readonly longer_than?: number | undefined;
  readonly drop_counter_reason: string;
}

/** Drops an entry for which everything holds that the options say. */
export const drop: StageKind<DropOptions> = {
  name: "drop",
  create(options, { clock, counts }) {
    const { older_than = 0, longer_than = 0, drop_counter_reason: reason } = options;
    const isAsked = conditionOf(options);
    return keeping((entry) => {
      if (longer_than > 0 && byteLength(entry.line) <= longer_than) return true;
      if (older_than > 0 && entry.timestamp >= BigInt(clock.now() - older_than) * 1_000_000n) return true;
      if (!isAsked(entry)) return true;
      counts.dropped(reason);
      return false;
    });
  },
};

function conditionOf(options: DropOptions): (entry: Entry) => boolean {
  const { source, separator, expression, value, older_than, longer_than } = options;
  if (!source && !expression && !older_than && !longer_than) {
    throw new OptionError([], "needs a source, an expression, older_than or longer_than");
  }
  if (value !== "" && expression !== "") throw new OptionError(["value"], "value and expression exclude each other");
  if (value !== "" && source === "") throw new OptionError(["value"], "value needs a source");
  const names = source === "" ? [] : source.split(",");
  if (expression !== "") {
    const re = readOption(["expression"], "an RE2 expression", () => compileRe2(expression));
    return names.length === 0 ? ({ line }) => re.test(line) : matchesJoined(re, names, separator);
  }
  if (value !== "") return (entry) => joined(entry, names, separator) === value;
  return ({ extracted }) => names.every((name) => extracted[name] !== undefined);
}

function matchesJoined(re: Re2, names: readonly string[], separator: string): (entry: Entry) => boolean {
  return (entry) => re.test(joined(entry, names, separator));
}

/** Of the names that are there. */
function joined({ extracted }: Entry, names: readonly string[], separator: string): string {
  return names.flatMap((name) => extracted[name] ?? []).join(separator);
}
