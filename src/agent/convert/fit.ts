import type { z } from "zod";
import { foreignValues } from "../../config/foreign-fields.ts";
import { fieldNames, schemasBelow } from "../../config/schema-walk.ts";
import type { YamlNode, YamlRange } from "../../lib/yaml.ts";
import { isEmpty } from "./nodes.ts";

/** A field that the schema does not have, or whose value it does not take. */
export interface LeftOut {
  /** Keys from the root on; items of lists have none. */
  readonly path: readonly string[];
  readonly range: YamlRange;
  readonly value: YamlNode;
}

/** The tree without the fields that the schema does not have, and those fields. */
export function fitToSchema<Node extends YamlNode>(
  node: Node,
  schema: z.core.$ZodType,
  alsoKnown: readonly string[] = [],
): { readonly node: Node; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  return { node: fitted(node, [schema], { path: [], alsoKnown, leftOut }) as Node, leftOut };
}

interface At {
  readonly path: readonly string[];
  readonly alsoKnown: readonly string[];
  readonly leftOut: LeftOut[];
}

function fitted(node: YamlNode, schemas: readonly z.core.$ZodType[], at: At): YamlNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "list") {
    const below = schemas.flatMap((schema) => schemasBelow(schema, 0));
    if (below.length === 0) return node;
    const items = node.items.flatMap((item) => {
      const kept = fitted(item, below, at);
      return isEmpty(kept) && !isEmpty(item) ? [] : [kept];
    });
    return { ...node, items };
  }
  const isObject = schemas.some((schema) => fieldNames(schema).length > 0);
  const entries = node.entries.flatMap((entry) => {
    const { key, keyRange, value } = entry;
    if (at.alsoKnown.includes(key)) return [entry];
    const path = [...at.path, key];
    const below = schemas.flatMap((schema) => schemasBelow(schema, key));
    if (below.length > 0 && !isForeign(key, value)) {
      const kept = fitted(value, below, { ...at, path, alsoKnown: [] });
      return isEmpty(kept) && !isEmpty(value) ? [] : [{ ...entry, value: kept }];
    }
    // Without fields it may be anything, as far as the schema tells.
    if (!isObject) return [entry];
    at.leftOut.push({ path, range: keyRange, value });
    return [];
  });
  return { ...node, entries };
}

function isForeign(key: string, value: YamlNode): boolean {
  return value.kind === "scalar" && foreignValues[`${key}: ${value.text}`] !== undefined;
}
