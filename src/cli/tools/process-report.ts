import type { PipelineRun } from "../../agent/log-pipeline.ts";

type Report = PipelineRun["reports"][number];

/**
 * What became of a line:
 *
 *     line 1: {"level":"info","msg":"hello"}
 *       [0].json
 *         extracted level: info
 *       [1].labels
 *         label level: info
 *       => 2026-01-01T00:00:00.000000000Z {level="info"} hello
 */
export function renderRun(head: string, { entries, reports, dropped }: PipelineRun): string {
  const lines = [head, ...reports.flatMap(renderReport)];
  if (dropped.length > 0) lines.push(`  dropped: ${[...new Set(dropped)].join(", ")}`);
  lines.push(...entries.map((entry) => `  => ${renderEntry(entry)}`));
  return `${lines.join("\n")}\n\n`;
}

function renderReport({ stage, passed, dropped, held }: Report): string[] {
  const changes = passed.flatMap((changesOfOne, at) => [
    ...(passed.length > 1 ? [`    entry ${at + 1}`] : []),
    ...changesOfOne.map((change) => `    ${renderChange(change)}`),
  ]);
  return [
    `  ${stage}`,
    ...changes,
    ...(dropped > 0 ? ["    drops it"] : []),
    ...(held > 0 ? [`    holds it back${passed.length > 0 ? ", and lets go what it held" : ""}`] : []),
  ];
}

function renderChange({ what, before, after }: Report["passed"][number][number]): string {
  if (after === undefined) return `${what}: gone (${shown(before)})`;
  return `${what}: ${before === undefined ? "" : `${shown(before)} -> `}${shown(after)}`;
}

/** On one line. */
function shown(text = ""): string {
  return text === "" || /[\p{Cc}]|^\s|\s$/u.test(text) ? JSON.stringify(text) : text;
}

function renderEntry({ time, labels, metadata, line }: PipelineRun["entries"][number]): string {
  const own = Object.keys(metadata).length === 0 ? [] : [renderLabels(metadata)];
  return [time, renderLabels(labels), ...own, shown(line)].join(" ");
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}
