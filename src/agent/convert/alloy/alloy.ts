import { dirname, resolve } from "node:path";
import { mistake } from "../../../config/diagnostic.ts";
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
import { plan, planned } from "./plan.ts";
import { alloyReasons } from "./reasons.ts";
import { withFallback } from "./references.ts";
import { writeSettings } from "./settings.ts";

/** A config of Alloy's, with the files that it imports, as a config of Sonde's. */
export function convertAlloy(path: string, text: string, { manifest, readFile }: Surroundings): Conversion {
  const ids = new Ids();
  const drafts = new Map<string, Draft>();
  const dir = resolve(dirname(path));
  const files: Files = {
    dir,
    readFile,
    draft(file, content) {
      const origin = { path: file, dir, lines: content.split(/\r?\n/) };
      const draft = drafts.get(file) ?? new Draft(origin, { manifest, ids, reasons: alloyReasons });
      drafts.set(file, draft);
      return draft;
    },
  };
  let body: Statement[];
  try {
    body = parseAlloy(text);
  } catch (error) {
    if (!(error instanceof AlloyError)) throw error;
    const place = placeOf({ path, lines: text.split(/\r?\n/) }, error.range);
    return { files: [], diagnostics: [mistake(error.message, place)] };
  }
  const root = new Module({
    draft: files.draft(path, text),
    declarations: new Map(),
    prefix: "",
    library: library(),
    variables: new Map(),
  });
  plan(body, root, files);
  writeSettings(body, root);
  for (const instance of planned(root)) writeComponent(instance);
  return { files: [...drafts.values()].map((draft) => draft.converted), diagnostics: [] };
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
