import { compareUtf8 } from "../../signals/labels.ts";
import type { FamilySample, MetricType } from "../../signals/metric-family.ts";
import { distributionSamples } from "./text-distribution.ts";
import { completeLabels, parseTextSample, type TextSample, unescapeText } from "./text-line.ts";

/** A family as it stands in a file. */
export interface TextFamily {
  readonly name: string;
  /** Undefined: the file has no HELP line. */
  readonly help: string | undefined;
  readonly type: MetricType;
  /** All with the same label names: what one lacks is empty. */
  readonly samples: readonly FamilySample[];
}

interface OpenFamily {
  readonly name: string;
  help: string | undefined;
  type: MetricType | undefined;
  readonly samples: TextSample[];
}

/**
 * Reads a page of the text format 0.0.4 with the rules of client_golang's parser: one wrong line and nothing of the page
 * counts. Families are in the order in which they come first; those without samples are left out. Throws an Error with
 * the number of the line.
 */
export function parseTextFamilies(text: string): TextFamily[] {
  const families = new Map<string, OpenFamily>();
  const lines = text.split("\n");
  const unfinished = lines.pop() ?? "";
  for (const [at, line] of lines.entries()) {
    try {
      readLine(families, line.replace(/^[ \t]+/, ""));
    } catch (error) {
      throw new Error(`line ${at + 1}: ${(error as Error).message}`);
    }
  }
  if (unfinished !== "") throw new Error(`line ${lines.length + 1}: the last line does not end with a newline`);
  return [...families.values()].filter(({ samples }) => samples.length > 0).map(closed);
}

function readLine(families: Map<string, OpenFamily>, line: string): void {
  if (line === "") return;
  if (line.startsWith("#")) readComment(families, line);
  else {
    const sample = parseTextSample(line);
    if (sample.hasTimestamp) throw new Error("client-side timestamps are not supported");
    familyOf(families, sample.name).samples.push(sample);
  }
}

function readComment(families: Map<string, OpenFamily>, line: string): void {
  const [, keyword, rest = ""] = /^#[ \t]*(HELP|TYPE)(?:[ \t]+(.*))?$/.exec(line) ?? [];
  if (keyword === undefined || rest === "") return;
  const [, name = "", text = ""] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+(.*))?$/.exec(rest) ?? [];
  if (name === "") throw new Error(`invalid metric name in ${keyword} line`);
  const family = familyOf(families, name);
  if (keyword === "HELP") {
    if (text === "") return;
    if (family.help !== undefined) throw new Error(`second HELP line for ${name}`);
    family.help = unescapeText(text);
    return;
  }
  if (family.type !== undefined || family.samples.length > 0) {
    throw new Error(`second TYPE line for ${name}, or TYPE behind its samples`);
  }
  const type = text.toLowerCase();
  if (!isType(type)) throw new Error(`unknown metric type ${JSON.stringify(text)}`);
  family.type = type;
}

function isType(text: string): text is MetricType {
  return ["counter", "gauge", "histogram", "summary", "untyped"].includes(text);
}

/** `rpc_sum` is of the family rpc if that is a summary or a histogram. */
function familyOf(families: Map<string, OpenFamily>, name: string): OpenFamily {
  const known = families.get(name);
  if (known !== undefined) return known;
  const [, base = "", suffix] = /^(.*)(_count|_sum|_bucket)$/.exec(name) ?? [];
  const whole = families.get(base);
  if (whole?.type === "histogram" || (whole?.type === "summary" && suffix !== "_bucket")) return whole;
  const family: OpenFamily = { name, help: undefined, type: undefined, samples: [] };
  families.set(name, family);
  return family;
}

function closed({ name, help, type = "untyped", samples }: OpenFamily): TextFamily {
  const part = type === "histogram" ? "le" : type === "summary" ? "quantile" : undefined;
  const names = [...new Set(samples.flatMap(({ labels }) => [...labels.keys()]))].filter((label) => label !== part);
  names.sort(compareUtf8);
  if (part !== undefined) return { name, help, type, samples: distributionSamples(name, part, names, samples) };
  const plain = samples.map(({ labels, value }) => ({ name, labels: completeLabels(labels, names), value }));
  return { name, help, type, samples: plain };
}
