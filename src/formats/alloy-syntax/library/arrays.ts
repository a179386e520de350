import { type AlloyObject, type AlloyValue, equalValues, isArray, isObject, Later, typeName } from "../values.ts";
import { takes } from "./arguments.ts";

/** The namespace `array`. */
export const arrays: AlloyObject = {
  concat,
  combine_maps: takes(["list", "list", "list"], combineMaps),
  group_by: takes(["list", "string", "bool"], groupBy),
};

/** What is known only at run time becomes an item of its own: the list that it will be stands in its place. */
function concat(...lists: readonly AlloyValue[]): AlloyValue {
  return lists.flatMap((list) => {
    if (list instanceof Later) return [list];
    if (!isArray(list)) throw new Error(`list expected, found ${typeName(list)}`);
    return list;
  });
}

/** Each of `left` with each of `right` that has the same values under all keys; those of `right` win. */
function combineMaps(
  left: readonly AlloyValue[],
  right: readonly AlloyValue[],
  keys: readonly AlloyValue[],
): AlloyValue {
  const names = keys.map(String);
  const isMatch = (a: AlloyObject, b: AlloyObject) => names.every((name) => name in a && equalValues(a[name], b[name]));
  return objects(left).flatMap((a) => objects(right).flatMap((b) => (isMatch(a, b) ? [{ ...a, ...b }] : [])));
}

/** `[{ <key> = value, items = [...] }]`; items without the key are left out, or grouped under "". */
function groupBy(list: readonly AlloyValue[], key: string, dropMissing: boolean): AlloyValue {
  const items = objects(list).filter((item) => !dropMissing || key in item);
  const groups = Map.groupBy(items, (item) => String(item[key] ?? ""));
  return [...groups].map(([value, members]) => ({ [key]: value, items: members }));
}

function objects(list: readonly AlloyValue[]): AlloyObject[] {
  return list.map((item) => {
    if (!isObject(item)) throw new Error(`a list of objects is wanted, found ${typeName(item)} in it`);
    return item;
  });
}
