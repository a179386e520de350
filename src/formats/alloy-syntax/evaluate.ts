import { binaryValue, unaryValue } from "./operators.ts";
import { AlloyError, type Expression } from "./syntax.ts";
import { type AlloyValue, isArray, isObject, Later, typeName } from "./values.ts";

/** What names stand for. */
export interface Scope {
  /**
   * The value of as many of the names as belong together (`prometheus.remote_write.central.receiver`), and how many they
   * are; undefined where the first name stands for nothing.
   */
  resolve(path: readonly string[]): { readonly value: AlloyValue; readonly used: number } | undefined;
}

/** Throws an AlloyError at the part of the expression that has no value. */
export function evaluate(expression: Expression, scope: Scope): AlloyValue {
  const { range } = expression;
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "array":
      return expression.items.map((item) => evaluate(item, scope));
    case "object":
      return Object.fromEntries(expression.fields.map(({ name, value }) => [name, evaluate(value, scope)]));
    case "name":
    case "field":
      return chain(expression, scope);
    case "index":
      return attempt(range, () => indexed(evaluate(expression.of, scope), evaluate(expression.index, scope)));
    case "unary": {
      const operand = evaluate(expression.operand, scope);
      return attempt(range, () => unaryValue(expression.operator, operand));
    }
    case "binary": {
      const [left, right] = [evaluate(expression.left, scope), evaluate(expression.right, scope)];
      return attempt(range, () => binaryValue(expression.operator, left, right));
    }
    case "call": {
      const callee = evaluate(expression.callee, scope);
      const args = expression.args.map((arg) => evaluate(arg, scope));
      if (typeof callee !== "function") throw new AlloyError(`${typeName(callee)} cannot be called`, range);
      return attempt(range, () => callee(...args));
    }
    default:
      return expression satisfies never;
  }
}

/** `a.b.c`: the scope takes as much of it as it knows, and the rest are fields. */
function chain(expression: Expression, scope: Scope): AlloyValue {
  const path: string[] = [];
  let root = expression;
  for (; root.kind === "field"; root = root.of) path.unshift(root.name);
  const { range } = expression;
  if (root.kind !== "name") {
    const start = evaluate(root, scope);
    return path.reduce((value, name) => attempt(range, () => fieldOf(value, name)), start);
  }
  const names = [root.name, ...path];
  const found = attempt(range, () => scope.resolve(names));
  if (found === undefined) throw new AlloyError(`there is no \`${names.join(".")}\``, range);
  return names.slice(found.used).reduce((value, name) => attempt(range, () => fieldOf(value, name)), found.value);
}

function fieldOf(value: AlloyValue, name: string): AlloyValue {
  if (value instanceof Later) throw new Error(`\`${name}\` is a part of what is known only at run time`);
  const field = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (field === undefined) throw new Error(`${typeName(value)} has no \`${name}\``);
  return field;
}

/** A field that an object does not have is null. */
function indexed(value: AlloyValue, index: AlloyValue): AlloyValue {
  if (value instanceof Later || index instanceof Later) throw new Error("an index into what is known only at run time");
  if (isArray(value) && typeof index === "number") {
    const item = value[index];
    if (item === undefined) throw new Error(`there is no item ${index} in a list of ${value.length}`);
    return item;
  }
  if (isObject(value) && typeof index === "string") return Object.hasOwn(value, index) ? (value[index] ?? null) : null;
  throw new Error(`${typeName(value)} has no [${typeName(index)}]`);
}

function attempt<T>(range: Expression["range"], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlloyError || !(error instanceof Error)) throw error;
    throw new AlloyError(error.message, range);
  }
}
