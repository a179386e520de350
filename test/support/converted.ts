import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Conversion, Origin } from "../../src/agent/convert/conversion.ts";
import { convert } from "../../src/agent/convert/convert.ts";
import { renderConverted } from "../../src/agent/convert/render.ts";
import { components } from "../../src/components/index.ts";
import { parseConfigFile } from "../../src/config/parse.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { validate } from "../../src/config/validate.ts";
import { root } from "./sonde.ts";

export const convertFixtures = join(root, "test/fixtures/convert");

export interface ConvertedText {
  readonly yaml: string;
  /** `line: message`, of what changes what is collected. */
  readonly errors: readonly string[];
  /** What cannot be read. */
  readonly diagnostics: string;
}

/** The text of another agent's config converted, with `files` by name beside it. */
export function converted(
  origin: Origin,
  text: string,
  files: Readonly<Record<string, string>> = {},
  path = `/etc/other/${origin}`,
): ConvertedText {
  const readFile = (file: string) => files[basename(file)] ?? readFileSync(file, "utf8");
  return shown(convert(origin, path, text, { manifest: components, readFile }), basename(path));
}

/** A file of test/fixtures/convert/<origin>, and what stands beside it as `<name>.sonde.yaml`. */
export function convertedFixture(origin: Origin, name: string): ConvertedText & { readonly expected: string } {
  const path = join(convertFixtures, origin, name);
  const expected = readFileSync(path.replace(/\.[a-z]+$/, ".sonde.yaml"), "utf8");
  return { ...converted(origin, readFileSync(path, "utf8"), {}, path), expected };
}

/** The mistakes of a config made of those components that are there; empty when it has none. */
export function mistakesIn(yaml: string): string {
  const { file, diagnostics } = parseConfigFile("sonde.yaml", yaml);
  if (file === undefined || diagnostics.length > 0) return renderDiagnostics(diagnostics);
  const isThere = (key: string) =>
    !key.includes(".") || components.some(({ type }) => type === key.slice(0, key.lastIndexOf(".")));
  // A config with components that are still to come cannot be checked as a whole.
  if (!file.root.entries.every(({ key }) => isThere(key))) return "";
  const environment = { env: { HOSTNAME: "vm" }, readFile: () => "content" };
  const loaded = validate([{ file, diagnostics: [] }], components, environment);
  return loaded.ok ? "" : renderDiagnostics(loaded.diagnostics);
}

function shown({ files, diagnostics }: Conversion, name: string): ConvertedText {
  return {
    yaml: renderConverted(files, name),
    errors: files.flatMap(({ findings }) =>
      findings
        .filter(({ severity }) => severity === "error")
        .toSorted((a, b) => a.range.line - b.range.line)
        .map(({ message, range }) => `${range.line}: ${message}`),
    ),
    diagnostics: diagnostics.length === 0 ? "" : renderDiagnostics(diagnostics),
  };
}
