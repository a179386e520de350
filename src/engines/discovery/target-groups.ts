import { type Labels, labelsFrom } from "../../signals/labels.ts";

/** What a list of target groups says, as file_sd and http_sd have it: addresses, and labels for all of them. */
export interface ListedGroup {
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Throws an Error that names the place in the list. Unknown keys are refused: they are misspelt ones. */
export function parseTargetGroups(list: unknown): ListedGroup[] {
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) throw new Error(`expected a list of target groups, found ${kindOf(list)}`);
  return list.map((item, index) => parseGroup(item, `group ${index + 1}`));
}

/** One label set per address. A group's label loses to the target's own, which is its address. */
export function targetLabels({ addresses, labels }: ListedGroup, meta: Readonly<Record<string, string>>): Labels[] {
  return addresses.map((address) => labelsFrom({ ...labels, ...meta, __address__: address }));
}

function parseGroup(item: unknown, place: string): ListedGroup {
  const { targets = [], labels = {}, ...unknown } = asRecord(item, place);
  const [key] = Object.keys(unknown);
  if (key !== undefined) throw new Error(`${place}: unknown key "${key}"; a group has targets and labels`);
  if (targets !== null && !Array.isArray(targets)) {
    throw new Error(`${place}: targets: expected a list, found ${kindOf(targets)}`);
  }
  return {
    addresses: (targets ?? []).map((target, index) => asText(target, `${place}: target ${index + 1}`)),
    labels: labels === null ? {} : parseLabels(labels, `${place}: labels`),
  };
}

function parseLabels(value: unknown, place: string): Record<string, string> {
  const entries = Object.entries(asRecord(value, place));
  if (entries.some(([name]) => name === "")) throw new Error(`${place}: a label name cannot be empty`);
  return Object.fromEntries(entries.map(([name, text]) => [name, asText(text, `${place}: ${name}`)]));
}

function asRecord(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${place}: expected a mapping, found ${kindOf(value)}`);
}

function asText(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${place}: expected text, found ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : `a ${typeof value}`;
}
