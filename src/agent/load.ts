import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Component } from "../component.ts";
import { type Diagnostic, mistake } from "../config/diagnostic.ts";
import type { Environment } from "../config/interpolate.ts";
import { loadConfig } from "../config/load.ts";
import { parseConfigFile, placeOf } from "../config/parse.ts";
import { type LoadResult, validate } from "../config/validate.ts";
import { convertAlloy } from "./convert/alloy/alloy.ts";
import type { Conversion, Surroundings } from "./convert/conversion.ts";
import { convert } from "./convert/convert.ts";
import { isAlloyFile, originOfYaml } from "./convert/detect.ts";

export type AnyLoadResult = LoadResult & {
  /** Lines of another agent's config that mean nothing here, or nothing any more. */
  readonly notes: readonly Diagnostic[];
};

/**
 * Loads a config of Sonde's, or one of another agent's that is known by its name or by its keys: then mistakes are shown
 * at the lines of that one. What has no equal is a mistake, or with `bypassErrors` a note.
 */
export function loadAnyConfig(
  path: string,
  manifest: readonly Component[],
  environment: Environment,
  bypassErrors = false,
): AnyLoadResult {
  const conversion = conversionOf(path, manifest, environment);
  if (conversion === undefined) return { ...loadConfig(path, manifest, environment), notes: [] };
  const found = conversion.files.flatMap(({ file, findings }) =>
    findings.map((finding) => ({ finding, diagnostic: mistake(finding.message, placeOf(file, finding.range), hint) })),
  );
  const isMistake = ({ finding }: (typeof found)[number]) => finding.severity === "error" && !bypassErrors;
  const notes = found.filter((each) => !isMistake(each)).map(({ diagnostic }) => diagnostic);
  const unequal = found.filter(isMistake).map(({ diagnostic }) => diagnostic);
  const parsed = conversion.files.map(({ file }) => ({ file, diagnostics: [] }));
  const mistakes = [...conversion.diagnostics, ...unequal];
  const loaded: LoadResult =
    conversion.files.length === 0 ? { ok: false, diagnostics: [] } : validate(parsed, manifest, environment);
  if (loaded.ok && mistakes.length === 0) return { ...loaded, notes };
  return { ok: false, diagnostics: [...mistakes, ...(loaded.ok ? [] : loaded.diagnostics)], notes };
}

const hint = "sonde convert shows what the rest becomes; --bypass-errors goes on without it";

/** Undefined where it is Sonde's own, or cannot be read. */
function conversionOf(path: string, manifest: readonly Component[], environment: Environment): Conversion | undefined {
  const surroundings = { manifest, readFile: (file: string) => environment.readFile(file) };
  try {
    if (statSync(path).isDirectory()) return alloyFolder(path, surroundings);
    const text = environment.readFile(path);
    if (isAlloyFile(path)) return convert("alloy", path, text, surroundings);
    const { file } = parseConfigFile(path, text);
    const origin = file && originOfYaml(file.root);
    return origin && convert(origin, path, text, surroundings);
  } catch {
    // Whoever loads it as Sonde's own says what is wrong with it.
    return undefined;
  }
}

/** A folder without YAML whose `*.alloy` are one config, as for Alloy. */
function alloyFolder(path: string, surroundings: Surroundings): Conversion | undefined {
  const names = readdirSync(path).toSorted();
  const sources = names.filter(isAlloyFile).map((name) => {
    const file = join(path, name);
    return { path: file, text: surroundings.readFile(file) };
  });
  if (sources.length === 0 || names.some((name) => /\.ya?ml$/.test(name))) return undefined;
  return convertAlloy(sources, surroundings);
}
