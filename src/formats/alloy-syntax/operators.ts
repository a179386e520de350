import { type AlloyValue, equalValues, joinTexts, Later, typeName } from "./values.ts";

/** Throws an Error where the operator does not take such values. */
export function binaryValue(operator: string, left: AlloyValue, right: AlloyValue): AlloyValue {
  if (operator === "+" && isText(left) && isText(right)) return joinTexts([left, right]);
  refuseLater(operator, left, right);
  if (operator === "==") return equalValues(left, right);
  if (operator === "!=") return !equalValues(left, right);
  if (operator === "&&" || operator === "||") return logic(operator, left, right);
  const compare = comparisons[operator];
  if (compare !== undefined && typeof left === "string" && typeof right === "string") {
    return compare(left < right ? -1 : Number(left > right));
  }
  // A string that is a number counts as one beside a number, as Alloy has it.
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a === undefined || b === undefined) throw wrong(operator, left, right);
  const calculate = arithmetic[operator];
  if (calculate !== undefined) return calculate(a, b);
  if (compare !== undefined) return compare(a - b);
  throw wrong(operator, left, right);
}

export function unaryValue(operator: string, operand: AlloyValue): AlloyValue {
  refuseLater(operator, operand);
  if (operator === "!" && typeof operand === "boolean") return !operand;
  if (operator === "-" && typeof operand === "number") return -operand;
  throw new Error(`\`${operator}\` takes no ${typeName(operand)}`);
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": divide,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
};

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** Whole numbers stay whole, as in Go. */
function divide(a: number, b: number): number {
  const isWhole = Number.isInteger(a) && Number.isInteger(b);
  if (isWhole && b === 0) throw new Error("division by zero");
  return isWhole ? Math.trunc(a / b) : a / b;
}

function logic(operator: string, left: AlloyValue, right: AlloyValue): boolean {
  if (typeof left !== "boolean" || typeof right !== "boolean") throw wrong(operator, left, right);
  return operator === "&&" ? left && right : left || right;
}

function isText(value: AlloyValue): value is string | Later {
  return typeof value === "string" || value instanceof Later;
}

function toNumber(value: AlloyValue): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?[0-9.]+$/.test(value) ? Number(value) : undefined;
}

function refuseLater(operator: string, ...values: readonly AlloyValue[]): void {
  if (!values.some((value) => value instanceof Later)) return;
  throw new Error(`\`${operator}\` needs a value that is known only at run time`);
}

function wrong(operator: string, left: AlloyValue, right: AlloyValue): Error {
  return new Error(`\`${operator}\` does not go with ${typeName(left)} and ${typeName(right)}`);
}
