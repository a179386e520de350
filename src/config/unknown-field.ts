import { z } from "zod";
import { didYouMean } from "../lib/suggest.ts";
import { foreignFields, foreignNames } from "./foreign-fields.ts";
import { fieldNames, schemasBelow, unwrapSchema } from "./schema-walk.ts";
import { foreignWiringHints } from "./wiring.ts";

/** Where a field stands that is not known there. */
interface Unknown {
  readonly key: string;
  /** Keys and indices from the root on, without the field's own. */
  readonly path: readonly PropertyKey[];
  /** Of the whole. */
  readonly schema: z.core.$ZodType;
  /** Keys at the root beside those of the schema. */
  readonly otherKeys: readonly string[];
}

/** What to say of it: what was meant, where it belongs, or why there is none. */
export function unknownField({ key, path, schema, otherKeys }: Unknown): { message: string; hint?: string } {
  const schemas = path.reduce<z.core.$ZodType[]>(
    (all, step) => all.flatMap((each) => schemasBelow(each, step)),
    [schema],
  );
  const names = schemas.flatMap(fieldNames);
  const all = path.length === 0 ? [...names, ...otherKeys] : names;
  const meant = foreignName(key, all);
  const suggestion = meant === undefined ? didYouMean(key, all) : `; did you mean \`${meant}\`?`;
  const hint = suggestion === "" ? hintFor(key, path, schema, schemas) : undefined;
  return { message: `unknown field \`${key}\`${suggestion}`, ...(hint !== undefined && { hint }) };
}

/** Under which of the names the field is known here. Alloy's stages are `stage.json` and so on. */
function foreignName(key: string, names: readonly string[]): string | undefined {
  const stage = /^stage\.(.+)$/.exec(key)?.[1];
  return [stage ?? [], foreignNames[key] ?? []].flat().find((name) => names.includes(name));
}

function hintFor(
  key: string,
  path: readonly PropertyKey[],
  root: z.core.$ZodType,
  here: readonly z.core.$ZodType[],
): string | undefined {
  if (foreignWiringHints[key] !== undefined) return foreignWiringHints[key];
  const top = path.length === 0 ? [] : fieldNames(root);
  const atTop = top.includes(key) ? key : foreignName(key, top);
  if (atTop !== undefined) return `\`${atTop}\` belongs to the component itself, at the top`;
  const [severity, why] = foreignFields[key] ?? [];
  if (why !== undefined) return severity === "note" ? `leave it out: ${why}` : why;
  const inside = here.flatMap((schema) => fieldNames(schema).filter((name) => hasBelow(schema, name, key)));
  if (inside.length === 1) return `it belongs below \`${inside[0]}\``;
  // promtail has the names of such stages right below the stage.
  return here.some(takesOwnNames) ? "names of your own belong below `values`" : undefined;
}

/** Whether the field, or an item of it, has that field. */
function hasBelow(schema: z.core.$ZodType, name: string, key: string): boolean {
  return schemasBelow(schema, name)
    .flatMap((below) => (unwrapSchema(below) instanceof z.ZodArray ? schemasBelow(below, 0) : [below]))
    .some((below) => fieldNames(below).includes(key));
}

function takesOwnNames(schema: z.core.$ZodType): boolean {
  return schemasBelow(schema, "values").some((below) => unwrapSchema(below) instanceof z.ZodRecord);
}
