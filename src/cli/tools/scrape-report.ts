import type { PageMistake } from "../../agent/scrape-once/page-mistakes.ts";
import type { AnswerReport, ScrapeReport } from "../../agent/scrape-once/scrape-once.ts";

export interface Shown {
  readonly samples: boolean;
  /** The most families, and the most samples, that are shown. */
  readonly limit: number;
}

/** What a scrape found, for a person. */
export function renderReport(report: ScrapeReport, shown: Shown): string {
  const { url, answer, timing, families, failure } = report;
  const blocks = [[url, ...(answer === undefined ? [] : renderAnswer(answer, timing))]];
  if (families.length > 0) {
    blocks[0]?.push(renderCounts(report));
    blocks.push(renderFamilies(report, shown.limit));
    if (shown.samples) blocks.push(renderSamples(report, shown.limit));
  }
  if (failure === undefined) blocks.push(renderSuccess(report));
  return blocks.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** Why the scrape would fail, with the line, and what that means. */
export function renderFailure({ failure = "", mistakes: { first, count }, samples }: ScrapeReport): string {
  const lines = ["", `error: ${failure}`];
  if (first?.line !== undefined) lines.push(...renderLine(first, first.line));
  if (count > 1) lines.push(`${plural(count - 1, "more mistake")} further down`);
  // What was read before it failed is not written, but it is not gone either.
  const stale = samples.length + count > 0 ? "series behind the mistake" : "all series of the target";
  lines.push(`Prometheus would take nothing of this scrape: up is 0, and ${stale} go stale.`);
  return `${lines.join("\n")}\n`;
}

function renderSuccess({ samples, repeated }: ScrapeReport): string[] {
  const taken = `Prometheus would take ${plural(samples.length - repeated, "sample")}: up is 1.`;
  if (repeated === 0) return [taken];
  const left = `It would leave out ${plural(repeated, "sample")}: of a series that comes twice the first sample counts.`;
  return [taken, left];
}

function renderAnswer(answer: AnswerReport, timing: ScrapeReport["timing"]): string[] {
  const { status, contentType = "no Content-Type", format, encoding, bytes, bytesReceived } = answer;
  const received = encoding === undefined ? "not compressed" : `${encoding}, ${number(bytesReceived)} bytes received`;
  return [
    `HTTP status ${status}, ${format === undefined ? "unknown format" : formats[format]} (${contentType})`,
    `${number(bytes)} bytes, ${received}`,
    `${ms(timing.headers)} to connect and for headers, ${ms(timing.body)} for the body, ${ms(timing.parse)} to parse`,
  ];
}

const formats = { text: "text format", "open-metrics": "OpenMetrics", protobuf: "protobuf" } as const;

function renderCounts({ families, series, samples }: ScrapeReport): string {
  return `${plural(families.length, "family", "families")}, ${number(series)} series, ${plural(samples.length, "sample")}`;
}

function renderFamilies({ families }: ScrapeReport, limit: number): string[] {
  const width = Math.max(...families.map(({ type }) => type.length));
  const rows = families.slice(0, limit).map(({ type, samples, name }) => {
    return `${type.padEnd(width)}  ${number(samples).padStart(9)}  ${name}`;
  });
  return [`${"TYPE".padEnd(width)}    SAMPLES  FAMILY`, ...rows, ...others(families.length - limit)];
}

function renderSamples({ samples }: ScrapeReport, limit: number): string[] {
  const rows = samples.slice(0, limit).map(({ series, value, timestamp }) => {
    return `${series} ${value}${timestamp === undefined ? "" : ` @ ${time(timestamp)}`}`;
  });
  return [...rows, ...others(samples.length - limit)];
}

/** A line may hold a whole binary file: what is far from the mistake is not shown. */
const shownColumns = 200;

function renderLine({ text = "", column }: PageMistake, line: number): string[] {
  const from = column === undefined || column < shownColumns ? 0 : column - shownColumns / 2;
  const part = text.slice(from, from + shownColumns);
  const gutter = `  ${line} | `;
  const shown = `${gutter}${part.replaceAll(/\p{Cc}/gu, (character) => (character === "\t" ? "\t" : "\ufffd"))}`;
  if (column === undefined) return [shown];
  // A tab is as wide below as it is above.
  const indent = part.slice(0, column - 1 - from).replaceAll(/[^\t]/g, " ");
  return [shown, `${" ".repeat(gutter.length - 2)}| ${indent}^`];
}

function others(count: number): string[] {
  return count > 0 ? [`… and ${number(count)} more`] : [];
}

/** Beyond a few thousand years a timestamp is a mistake, and no date. */
function time(ms: number): string {
  return Math.abs(ms) > 8.64e15 ? String(ms) : new Date(ms).toISOString();
}

function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : nouns}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
