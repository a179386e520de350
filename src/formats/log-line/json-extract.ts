import { compile, type JSONValue, TreeInterpreter } from "@jmespath-community/jmespath";

export type JsonValue = JSONValue;

export type JsonObject = { [name: string]: JsonValue };

/** What the expression finds in a document, as text; undefined if it finds nothing, or null, or fails on this document. */
export type JsonExpression = (document: JsonValue) => string | undefined;

/** The object of a line of JSON; undefined if it is malformed or no object. */
export function parseJsonObject(line: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** JMESPath. Throws an Error that tells what is wrong with the expression. */
export function compileJsonExpression(text: string): JsonExpression {
  const expression = compile(text);
  return (document) => {
    try {
      return jsonText(TreeInterpreter.search(expression, document));
    } catch {
      return undefined;
    }
  };
}

/** As promtail makes text of a value: numbers without an exponent, lists and objects as compact JSON, null as nothing. */
export function jsonText(value: JsonValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  return typeof value === "number" ? plainNumber(value) : JSON.stringify(value);
}

/** The shortest digits that give the number back, never with an exponent. */
export function plainNumber(value: number): string {
  const text = String(value);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (whole === "") return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return point > 0 ? sign + digits.padEnd(point, "0") : `${sign}0.${"0".repeat(-point)}${digits}`;
}
