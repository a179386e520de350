import { define, type GoFunctions } from "../function.ts";
import { plain } from "../print.ts";
import { deepEqual, isDict, isTrue, type Value } from "../values.ts";

type List = readonly Value[];
type Dict = Map<string, Value>;

/** sprig's lists and dicts. A function of dicts that changes one (set, unset, merge) changes the one that it is given. */
export const listFunctions: GoFunctions = {
  list: define("a*", (...values: Value[]) => values),
  tuple: define("a*", (...values: Value[]) => values),
  first: define("l", (list: List) => list[0]),
  last: define("l", (list: List) => list.at(-1)),
  rest: define("l", (list: List) => list.slice(1)),
  initial: define("l", (list: List) => list.slice(0, -1)),
  append: define("la", (list: List, value: Value) => [...list, value]),
  push: define("la", (list: List, value: Value) => [...list, value]),
  prepend: define("la", (list: List, value: Value) => [value, ...list]),
  concat: define("l*", (...lists: List[]) => lists.flat()),
  reverse: define("l", (list: List) => list.toReversed()),
  uniq: define("l", (list: List) => list.filter((value, at) => !isIn(list.slice(0, at), value))),
  without: define("la*", (list: List, ...values: Value[]) => list.filter((value) => !isIn(values, value))),
  has: define("aa", (value: Value, list: Value) => Array.isArray(list) && isIn(list, value)),
  compact: define("l", (list: List) => list.filter(isTrue)),
  chunk: define("il", (size: bigint, list: List) => chunks(Number(size), list)),

  dict: define("a*", (...values: Value[]) => dict(values)),
  get: define("ds", (from: Dict, key: string) => (from.has(key) ? from.get(key) : "")),
  set: define("dsa", (to: Dict, key: string, value: Value) => to.set(key, value)),
  unset: define("ds", (from: Dict, key: string) => {
    from.delete(key);
    return from;
  }),
  hasKey: define("ds", (from: Dict, key: string) => from.has(key)),
  keys: define("d*", (...dicts: Dict[]) => dicts.flatMap((from) => [...from.keys()])),
  values: define("d", (from: Dict) => [...from.values()]),
  pick: define("ds*", (from: Dict, ...keys: string[]) => new Map([...from].filter(([key]) => keys.includes(key)))),
  omit: define("ds*", (from: Dict, ...keys: string[]) => new Map([...from].filter(([key]) => !keys.includes(key)))),
  pluck: define("sd*", (key: string, ...dicts: Dict[]) =>
    dicts.filter((from) => from.has(key)).map((from) => from.get(key)),
  ),
  merge: define("dd*", (to: Dict, ...dicts: Dict[]) => merge(to, dicts, (value) => !isTrue(value))),
  mergeOverwrite: define("dd*", (to: Dict, ...dicts: Dict[]) => merge(to, dicts, () => true)),
  dig: define("saa*", dig),
  deepCopy: define("a", copy),
};

function isIn(list: List, value: Value): boolean {
  return list.some((element) => deepEqual(element, value));
}

function chunks(size: number, list: List): Value {
  if (size < 1) throw new Error("a chunk has at least one element");
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}

/** Keys and values in turn; a last key without a value has "". */
function dict(values: List): Dict {
  const made: Dict = new Map();
  for (let at = 0; at < values.length; at += 2)
    made.set(plain(values[at]), at + 1 < values.length ? values[at + 1] : "");
  return made;
}

/** What is in both and a dict is merged in turn. */
function merge(to: Dict, dicts: readonly Dict[], isReplaced: (value: Value) => boolean): Dict {
  for (const [key, value] of dicts.flatMap((from) => [...from])) {
    const there = to.get(key);
    if (isDict(there) && isDict(value)) merge(there as Dict, [value as Dict], isReplaced);
    else if (isReplaced(there)) to.set(key, value);
  }
  return to;
}

/** `dig "a" "b" "default" $dict`: down the keys, or the default where there is none. */
function dig(...values: Value[]): Value {
  const keys = values.slice(0, -2);
  let found: Value = values.at(-1);
  for (const key of keys) {
    if (!isDict(found) || typeof key !== "string") throw new Error("dig needs keys, a default and a dict");
    if (!found.has(key)) return values.at(-2);
    found = found.get(key);
  }
  return found;
}

function copy(value: Value): Value {
  if (Array.isArray(value)) return value.map(copy);
  return isDict(value) ? new Map([...value].map(([key, element]) => [key, copy(element)])) : value;
}
