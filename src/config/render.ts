import type { Diagnostic, Place } from "./diagnostic.ts";
import { type MaskedLine, maskSecrets } from "./mask.ts";

/**
 * Diagnostics as a person reads them:
 *
 *     error: unknown field `scrape_intervall`; did you mean `scrape_interval`?
 *       --> agent.yaml:9:3
 *        8 | prometheus.scrape.host:
 *        9 |   scrape_intervall: 15s
 *          |   ^^^^^^^^^^^^^^^^
 *       10 |   targets: [prometheus.exporter.unix.host]
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], { color = false } = {}): string {
  const paint = color ? ansi : plain;
  const masked = new Map<readonly string[], readonly MaskedLine[]>();
  for (const { place } of diagnostics) {
    if (place !== undefined && !masked.has(place.lines)) masked.set(place.lines, maskSecrets(place.lines));
  }
  const blocks = diagnostics.map(({ severity, message, hint, place }) => {
    const lines = [`${paint("red", severity)}: ${paint("bold", message)}`];
    if (place !== undefined) lines.push(...renderPlace(place, masked.get(place.lines) ?? [], paint));
    if (hint !== undefined) lines.push(`${paint("blue", "hint")}: ${hint}`);
    return lines.join("\n");
  });
  const count = diagnostics.length === 1 ? "1 error" : `${diagnostics.length} errors`;
  return [...blocks, count].join("\n\n");
}

/** The same for programs: one object each, placed by file, line and column. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): object[] {
  return diagnostics.map(({ severity, message, hint, place }) => ({
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined
      ? {}
      : { place: { file: place.file, line: place.line, column: place.column, length: place.length } }),
  }));
}

type Paint = (style: "red" | "blue" | "bold", text: string) => string;

const codes = { red: 31, blue: 34, bold: 1 } as const;
const ansi: Paint = (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;
const plain: Paint = (_, text) => text;

/** The line with a caret below it, and one line of its surroundings on each side. */
function renderPlace(place: Place, lines: readonly MaskedLine[], paint: Paint): string[] {
  const { file, line, column } = place;
  const shown = [line - 1, line, line + 1].filter((number) => {
    const text = lines[number - 1]?.text;
    return text !== undefined && (number === line || text.trim() !== "");
  });
  const width = String(shown.at(-1) ?? line).length;
  const gutter = (text: string) => paint("blue", `  ${text.padStart(width)} |`);
  const rows = shown.flatMap((number) => {
    const row = `${gutter(String(number))} ${lines[number - 1]?.text ?? ""}`.trimEnd();
    return number === line ? [row, `${gutter("")} ${caret(place, lines[line - 1], paint)}`] : [row];
  });
  return [`  ${paint("blue", "-->")} ${file}:${line}:${column}`, ...rows];
}

function caret({ column, length }: Place, line: MaskedLine | undefined, paint: Paint): string {
  const start = line?.column(column) ?? column;
  const end = line?.column(column + length) ?? column + length;
  // A tab is as wide below as it is above.
  const indent = (line?.text ?? "").slice(0, start - 1).replaceAll(/[^\t]/g, " ");
  return indent.padEnd(start - 1) + paint("red", "^".repeat(Math.max(end - start, 1)));
}
