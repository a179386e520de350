import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAlloy } from "../../../formats/alloy-syntax/parser.ts";
import { AlloyError, type Block, type Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { describeError } from "../../../lib/errors.ts";
import type { Draft } from "../draft.ts";
import { settingsLeft } from "./mappings.ts";
import { attributeOf, blocksOf, type Declarations, Module } from "./module.ts";

/** The files of a conversion. */
export interface Files {
  /** Relative paths start here. */
  readonly dir: string;
  readFile(path: string): string;
  draft(path: string, text: string): Draft;
}

/** What the `declare` and `import` blocks of a body make known. */
export function declarationsIn(
  body: readonly Statement[],
  outer: Declarations,
  { draft, library, variables }: Pick<Module, "draft" | "library"> & { variables: Module["variables"] },
  files: Files,
  depth = 0,
): Declarations {
  const found: Declarations = new Map(outer);
  for (const block of blocksOf(body, "declare")) {
    found.set(block.label ?? "", { block, draft, declarations: found });
  }
  for (const block of blocksOf(body).filter(({ name }) => name.startsWith("import."))) {
    const scope = new Module({ draft, declarations: found, prefix: "", library, variables });
    try {
      if (depth > maxImportDepth) throw new AlloyError("files import each other in a circle", block.range);
      for (const part of imported(block, scope, files)) {
        const declared = declarationsIn(
          part.body,
          new Map(),
          { ...scope, library, variables, draft: part.draft },
          files,
          depth + 1,
        );
        for (const [name, declaration] of declared) found.set(`${block.label}.${name}`, declaration);
      }
    } catch (error) {
      if (!(error instanceof AlloyError)) throw error;
      draft.find("error", error.message, error.range);
    }
  }
  return found;
}

const maxImportDepth = 20;

interface Part {
  readonly body: readonly Statement[];
  readonly draft: Draft;
}

function imported(block: Block, scope: Module, files: Files): Part[] {
  if (block.name === "import.string") {
    const content = textArgument(block, "content", scope);
    return [{ body: parsed(content, block), draft: scope.draft }];
  }
  if (block.name !== "import.file") {
    throw new AlloyError(`${block.name}: ${settingsLeft[block.name]?.[1] ?? "there is no such import"}`, block.range);
  }
  const path = resolve(files.dir, textArgument(block, "filename", scope));
  return read(path, block, files).map(([file, text]) => {
    return { body: parsed(text, block, file), draft: files.draft(file, text) };
  });
}

function textArgument(block: Block, name: string, scope: Module): string {
  const attribute = attributeOf(block.body, name);
  const value = attribute && scope.evaluate(attribute.value);
  if (typeof value !== "string") throw new AlloyError(`${block.name} needs a ${name} that is known`, block.range);
  return value;
}

/** A file, or those of a folder, with their texts. */
function read(path: string, { range }: Block, files: Files): [path: string, text: string][] {
  try {
    return [[path, files.readFile(path)]];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") {
      throw new AlloyError(`cannot read ${path}: ${describeError(error)}`, range);
    }
    const names = readdirSync(path).filter((name) => name.endsWith(".alloy"));
    return names.toSorted().map((name) => [join(path, name), files.readFile(join(path, name))]);
  }
}

function parsed(text: string, { range }: Block, path?: string): Statement[] {
  try {
    return parseAlloy(text);
  } catch (error) {
    if (!(error instanceof AlloyError)) throw error;
    const where = path === undefined ? "in it, line" : `${path}:`;
    throw new AlloyError(`${where}${error.range.line}: ${error.message}`, range);
  }
}
