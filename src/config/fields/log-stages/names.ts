import { z } from "zod";

/** Of an extracted value: any text. */
export const name = z.string().min(1, "a name cannot be empty");

/** Loki takes no other names for the labels of a stream. */
export const streamLabel = z
  .string()
  .regex(
    /^[a-zA-Z_][a-zA-Z0-9_]*$/,
    "a label of a log stream is made of letters, digits and _, and begins with no digit",
  );

/** An optional text: `""` is none. */
export const optionalText = z.string().default("");

/** Name to name; nothing, or `""`, is the name itself. */
export function mappingOf(names: z.ZodString) {
  return z.record(
    names,
    z.union([z.string(), z.null()], { error: "expected text" }).transform((text) => text ?? ""),
  );
}

export const dropReason = z.string().min(1).describe("The `reason` under which dropped lines are counted.");

/** What every stage says that reads either the line or an extracted value. */
export const source = optionalText.describe("Extracted value to work on; the line where none is named.");
