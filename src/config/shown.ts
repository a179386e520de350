import type { z } from "zod";
import { isSecret, schemasBelow } from "./schema-walk.ts";

/** The config as it was written, for pages: secret fields and passwords in URLs are hidden. */
export function hideSecrets(value: unknown, schemas: readonly z.core.$ZodType[]): unknown {
  if (value !== null && value !== undefined && schemas.some(isSecret)) return "<secret>";
  if (typeof value === "string") return value.replace(/(\/\/[^\s/:@]*:)[^\s/?#]+@/g, "$1xxxxx@");
  if (Array.isArray(value)) return value.map((item, at) => hideSecrets(item, below(schemas, at)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, hideSecrets(item, below(schemas, key))]);
  return Object.fromEntries(entries);
}

function below(schemas: readonly z.core.$ZodType[], key: PropertyKey): z.core.$ZodType[] {
  return schemas.flatMap((schema) => schemasBelow(schema, key));
}
