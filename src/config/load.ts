import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Component } from "../component.ts";
import { describeError } from "../lib/errors.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Environment } from "./interpolate.ts";
import { type Parsed, parseConfigFile } from "./parse.ts";
import { type LoadResult, validate } from "./validate.ts";

/**
 * Reads a file, or all `*.yaml` of a folder and then those of its folder `conf.d`, each in the order of their names, and
 * checks them as one config.
 */
export function loadConfig(path: string, manifest: readonly Component[], environment: Environment): LoadResult {
  const listed = listFiles(path);
  if (!listed.ok) return { ok: false, diagnostics: [listed.diagnostic] };
  return validate(
    listed.paths.map((file) => readConfigFile(file, environment)),
    manifest,
    environment,
  );
}

function listFiles(path: string): { ok: true; paths: readonly string[] } | { ok: false; diagnostic: Diagnostic } {
  try {
    if (!statSync(path).isDirectory()) return { ok: true, paths: [path] };
    const added = join(path, "conf.d");
    const paths = [...configFiles(path), ...(existsSync(added) ? configFiles(added) : [])];
    if (paths.length > 0) return { ok: true, paths };
    return { ok: false, diagnostic: mistake(`there is no *.yaml in the folder ${path}`) };
  } catch (error) {
    return { ok: false, diagnostic: cannotRead(path, error) };
  }
}

function configFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^[^.].*\.ya?ml$/.test(name));
  return names.toSorted().map((name) => join(folder, name));
}

function readConfigFile(path: string, environment: Environment): Parsed {
  try {
    return parseConfigFile(path, environment.readFile(path));
  } catch (error) {
    return { file: undefined, diagnostics: [cannotRead(path, error)] };
  }
}

function cannotRead(path: string, error: unknown): Diagnostic {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  if (isMissing) return mistake(`there is no config at ${path}`, undefined, "name a file, or a folder of *.yaml");
  return mistake(`cannot read ${path}: ${describeError(error)}`);
}
