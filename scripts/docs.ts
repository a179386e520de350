import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { components } from "../src/components/index.ts";
import { configJsonSchema } from "../src/config/json-schema.ts";
import { referencePages } from "../src/config/reference-docs.ts";

/** Writes docs/reference and the editor schema; `--check` only says which of them are stale, and exits with 1. */
const root = join(import.meta.dirname, "..");
const folder = join(root, "docs/reference");
const schemaPath = join(root, "configs/sonde.schema.json");

const wanted = new Map([...referencePages(components)].map(([name, text]) => [join(folder, name), text]));
wanted.set(schemaPath, `${JSON.stringify(configJsonSchema(components), null, 2)}\n`);

const present = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
const stale = [...wanted].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
const gone = present.filter((path) => !wanted.has(path));

if (process.argv.includes("--check")) {
  for (const path of [...stale.map(([path]) => path), ...gone]) console.error(`stale: ${path}; run npm run docs`);
  process.exitCode = stale.length + gone.length > 0 ? 1 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of stale) writeFileSync(path, text);
  for (const path of gone) rmSync(path);
  console.log(`${stale.length} written, ${gone.length} removed, ${wanted.size - stale.length} up to date`);
}
