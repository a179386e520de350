import { compileJsonExpression, type JsonExpression } from "../../formats/log-line/json-extract.ts";
import { readOption } from "./stage.ts";

/** The JMESPath expressions of an option, by the names that they fill; "" is the name itself. */
export function compileLookups(
  expressions: Readonly<Record<string, string>>,
  option: string,
): readonly (readonly [name: string, find: JsonExpression])[] {
  return Object.entries(expressions).map(([name, expression]) => {
    const text = expression === "" ? name : expression;
    return [name, readOption([option, name], "a JMESPath expression", () => compileJsonExpression(text))];
  });
}
