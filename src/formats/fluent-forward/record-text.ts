import { type ForwardRecord, textOf } from "./forward-message.ts";

/** Integers beyond those that a double holds are written out all the same. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** The record as JSON, its keys in the order in which they came. Bytes that are no UTF-8 are replaced. */
export function recordJson(record: ForwardRecord): string {
  return JSON.stringify(record, replaced);
}

/** A value as plain text; undefined where it is no text, number or boolean. */
export function scalarText(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return textOf(value);
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

/** An extension that nobody knows has its bytes for a value. */
function replaced(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return textOf(value);
  if (typeof value === "bigint") return rawJSON(String(value));
  return value;
}
