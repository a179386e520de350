import { z } from "zod";

/** The schema inside its wrappers (optional, default, transform, refine …), of its input side. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod as {
    def: {
      type: string;
      innerType?: z.core.$ZodType;
      getter?: () => z.core.$ZodType;
      in?: z.core.$ZodType;
      out?: z.core.$ZodType;
    };
  };
  // What a schema of stages that hold stages looks like from inside (z.lazy).
  if (def.getter !== undefined) return unwrapSchema(def.getter());
  if (def.innerType !== undefined) return unwrapSchema(def.innerType);
  // A pipe whose input is a transform (z.preprocess) says on its output side what it wants.
  if (def.type === "pipe" && def.in !== undefined) {
    const isPreprocess = (def.in._zod.def as { type: string }).type === "transform" && def.out !== undefined;
    return unwrapSchema(isPreprocess && def.out !== undefined ? def.out : def.in);
  }
  return schema;
}

/** The schemas that may stand below a key or an index: none when there is no such thing. */
export function schemasBelow(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const inner = unwrapSchema(schema);
  if (inner instanceof z.ZodObject) return inner.shape[String(key)] === undefined ? [] : [inner.shape[String(key)]];
  if (inner instanceof z.ZodArray) return [inner.element];
  if (inner instanceof z.ZodRecord) return [inner.valueType];
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => schemasBelow(option, key));
  return [];
}

/** The fields of an object, or of all objects that a union may be. */
export function fieldNames(schema: z.core.$ZodType): string[] {
  const inner = unwrapSchema(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap(fieldNames);
  return [];
}

/** Whether the schema, or anything it wraps, says `.meta({ secret: true })`. */
export function isSecret(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.secret === true) return true;
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  const inner = def.innerType ?? def.in;
  return inner !== undefined && isSecret(inner);
}
