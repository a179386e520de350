import { dirname, resolve } from "node:path";
import { type Diagnostic, mistake } from "../../../config/diagnostic.ts";
import { placeOf } from "../../../config/parse.ts";
import { standardLibrary } from "../../../formats/alloy-syntax/library.ts";
import { parseAlloy } from "../../../formats/alloy-syntax/parser.ts";
import { AlloyError, type Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { type AlloyObject, Later } from "../../../formats/alloy-syntax/values.ts";
import { version } from "../../../lib/version.ts";
import type { Conversion, Surroundings } from "../conversion.ts";
import { Draft, Ids } from "../draft.ts";
import { writeComponent } from "./components.ts";
import type { Files } from "./imports.ts";
import { Module } from "./module.ts";
import { declare, plan, planned } from "./plan.ts";
import { withFallback } from "./references.ts";
import { writeSettings } from "./settings.ts";

/** A file of Alloy's configuration. */
export interface AlloyFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a config of Alloy's, which see each other, with those that they import, as a config of Sonde's. */
export function convertAlloy(sources: readonly AlloyFile[], { manifest, readFile }: Surroundings): Conversion {
  const ids = new Ids();
  const drafts = new Map<string, Draft>();
  const dir = resolve(dirname(sources[0]?.path ?? "."));
  const files: Files = {
    dir,
    readFile,
    draft(file, content) {
      const origin = { path: file, dir, lines: content.split(/\r?\n/) };
      const draft = drafts.get(file) ?? new Draft(origin, { manifest, ids });
      drafts.set(file, draft);
      return draft;
    },
  };
  const { bodies, diagnostics } = parseAll(sources);
  if (diagnostics.length > 0) return { files: [], diagnostics };
  const shared = { declarations: new Map(), prefix: "", library: library(), variables: new Map(), instances: [] };
  const modules = sources.map(({ path, text }) => new Module({ ...shared, draft: files.draft(path, text) }));
  const each = (work: (body: readonly Statement[], module: Module) => void) =>
    modules.forEach((module, at) => void work(bodies[at] ?? [], module));
  each((body, module) => declare(body, module, files));
  each((body, module) => plan(body, module, files));
  each(writeSettings);
  for (const instance of modules[0] === undefined ? [] : planned(modules[0])) writeComponent(instance);
  return { files: [...drafts.values()].map((draft) => draft.converted), diagnostics: [] };
}

function parseAll(sources: readonly AlloyFile[]): { bodies: Statement[][]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const bodies = sources.map(({ path, text }) => {
    try {
      return parseAlloy(text);
    } catch (error) {
      if (!(error instanceof AlloyError)) throw error;
      diagnostics.push(mistake(error.message, placeOf({ path, lines: text.split(/\r?\n/) }, error.range)));
      return [];
    }
  });
  return { bodies, diagnostics };
}

function library(): AlloyObject {
  return standardLibrary({
    // Of a variable that is not set Alloy makes an empty text.
    env: (name) => Later.of({ env: name, fallback: "" }),
    orElse: withFallback,
    constants: {
      hostname: Later.of({ env: "HOSTNAME", fallback: "" }),
      os: "linux",
      arch: process.arch === "x64" ? "amd64" : process.arch,
      version,
    },
  });
}
