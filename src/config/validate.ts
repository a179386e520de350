import type { Component } from "../component.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { YamlEntry } from "../lib/yaml.ts";
import { checkSettings } from "./check-settings.ts";
import { type CheckedComponent, checkComponent } from "./component-config.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Environment } from "./interpolate.ts";
import type { LoadedConfig } from "./loaded.ts";
import { type ConfigFile, type Parsed, placeOf } from "./parse.ts";
import { checkLogReceivers, checkReferences } from "./references.ts";

export type LoadResult =
  | { readonly ok: true; readonly config: LoadedConfig }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A top-level key of one of the files. */
interface TopLevel {
  readonly file: ConfigFile;
  readonly entry: YamlEntry;
}

/** Files to a config, or to every mistake that can be found by looking at them, in the order of the files. */
export function validate(
  parsed: readonly Parsed[],
  manifest: readonly Component[],
  environment: Environment,
): LoadResult {
  const files = parsed.flatMap(({ file }) => file ?? []);
  const { unique, duplicates } = withoutDuplicates(files);
  const settings = checkSettings(unique.filter(isSetting), environment);
  const components = checkComponents(unique.filter(isComponent), manifest, environment);
  const diagnostics = [
    ...parsed.flatMap((file) => file.diagnostics),
    ...duplicates,
    ...settings.diagnostics,
    ...components.diagnostics,
  ];
  // What a broken file declares is not known, so whether a reference leads nowhere is not known either.
  if (files.length === parsed.length) {
    diagnostics.push(...checkReferences(components.checked, components.unknown));
    diagnostics.push(...checkLogReceivers(settings.writeLogTo, components.checked, components.unknown));
  }
  if (diagnostics.length === 0 && components.checked.length === 0) diagnostics.push(nothingToRun(files));
  if (diagnostics.length > 0) return { ok: false, diagnostics: inOrder(diagnostics) };
  const configs = components.checked.flatMap(({ config }) => config ?? []);
  return {
    ok: true,
    config: {
      settings: settings.value,
      components: configs,
      writeLogTo: settings.writeLogTo,
      files: files.map(({ path }) => path),
    },
  };
}

/** A setting of the agent itself has no dot in its key. */
function isSetting({ entry }: TopLevel): boolean {
  return !entry.key.includes(".");
}

function isComponent(top: TopLevel): boolean {
  return !isSetting(top);
}

function withoutDuplicates(files: readonly ConfigFile[]): { unique: TopLevel[]; duplicates: Diagnostic[] } {
  const first = new Map<string, TopLevel>();
  const duplicates: Diagnostic[] = [];
  for (const file of files) {
    for (const entry of file.root.entries) {
      const other = first.get(entry.key);
      if (other === undefined) {
        first.set(entry.key, { file, entry });
        continue;
      }
      const { line, column } = other.entry.keyRange;
      const message = `\`${entry.key}\` is given twice; the first is at ${other.file.path}:${line}:${column}`;
      duplicates.push(mistake(message, placeOf(file, entry.keyRange)));
    }
  }
  return { unique: [...first.values()], duplicates };
}

function checkComponents(all: readonly TopLevel[], manifest: readonly Component[], environment: Environment) {
  const diagnostics: Diagnostic[] = [];
  const checked: CheckedComponent[] = [];
  const unknown = new Set<string>();
  for (const { file, entry } of all) {
    const found = componentOf(entry.key, manifest);
    if ("message" in found) {
      unknown.add(entry.key);
      diagnostics.push(mistake(found.message, placeOf(file, entry.keyRange), found.hint));
    } else {
      const component = checkComponent(found, entry, file, environment);
      checked.push(component);
      diagnostics.push(...component.diagnostics);
    }
  }
  return { checked, unknown, diagnostics };
}

/** The component of the longest type that the key begins with, or what is wrong with the key. */
function componentOf(key: string, manifest: readonly Component[]): Component | { message: string; hint?: string } {
  const matching = manifest.filter(({ type }) => key === type || key.startsWith(`${type}.`));
  const component = matching.toSorted((a, b) => b.type.length - a.type.length)[0];
  if (component === undefined) return unknownType(key, manifest);
  const label = key.slice(component.type.length + 1);
  if (label === "") return { message: `\`${key}\` needs a label`, hint: `write ${component.type}.<label>` };
  if (/^[a-zA-Z0-9_-]+$/.test(label)) return component;
  return { message: `\`${label}\` cannot be a label`, hint: "a label is made of letters, digits, _ and -" };
}

function unknownType(key: string, manifest: readonly Component[]): { message: string; hint: string } {
  const types = manifest.map(({ type }) => type);
  const type = key.slice(0, key.lastIndexOf("."));
  // Without a label the whole key is meant to be the type.
  const suggestion = didYouMean(type, types) || didYouMean(key, types);
  return { message: `unknown component type \`${type}\`${suggestion}`, hint: "sonde components lists the types" };
}

function nothingToRun(files: readonly ConfigFile[]): Diagnostic {
  const names = files.map(({ path }) => path).join(", ");
  return mistake(`there is no component in ${names}`, undefined, "add one, such as prometheus.exporter.unix.host: {}");
}

/** By file and place; files come in the order of their names already. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ place }) => place?.file ?? ""))].toSorted();
  const rank = ({ place }: Diagnostic) => files.indexOf(place?.file ?? "");
  return diagnostics.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}
