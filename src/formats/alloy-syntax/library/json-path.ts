import { type AlloyValue, isArray, isObject } from "../values.ts";

/** The values at a JSONPath: fields, indices, `*` and `..`. Throws an Error at what is more than that. */
export function jsonPath(json: AlloyValue, path: string): AlloyValue[] {
  const steps = [...path.matchAll(/(\.\.?)?(?:\[(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*))\]|(\*)|([\w-]+))|^\$/gy)];
  if (steps.map(([whole]) => whole).join("") !== path) throw new Error(`the JSONPath \`${path}\` is not understood`);
  let values: AlloyValue[] = [json];
  for (const [whole, dots, single, double, index, star, bare, name] of steps) {
    if (whole === "$") continue;
    const from = dots === ".." ? values.flatMap(withAllBelow) : values;
    const key = single ?? double ?? name;
    if (star !== undefined || bare !== undefined) values = from.flatMap(below);
    else values = from.flatMap((value) => at(value, key ?? Number(index)));
  }
  return values;
}

function at(value: AlloyValue, key: string | number): AlloyValue[] {
  if (isArray(value) && typeof key === "number") return value.at(key) === undefined ? [] : [value.at(key) ?? null];
  return isObject(value) && Object.hasOwn(value, key) ? [value[key] ?? null] : [];
}

function below(value: AlloyValue): readonly AlloyValue[] {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function withAllBelow(value: AlloyValue): AlloyValue[] {
  return [value, ...below(value).flatMap(withAllBelow)];
}
