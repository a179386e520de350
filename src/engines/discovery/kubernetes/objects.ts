import { entriesAt, listAt, textAt, valueAt } from "../../../lib/json-at.ts";
import { sanitizeLabelName } from "../meta-labels.ts";

/** An object of the API as JSON, of any kind. */
export type KubeObject = unknown;

/** The kinds that roles are made of. */
export type Kind = "node" | "pod" | "service" | "endpoints" | "endpointslice" | "ingress";

/** Finds an object by its kind, namespace and name. The namespace of a node is "". */
export type Find = (kind: Kind, namespace: string, name: string) => KubeObject | undefined;

export type LabelRecord = Record<string, string>;

/** The targets of one object: labels that they share, and those of each. */
export interface ObjectTargets {
  readonly labels: LabelRecord;
  readonly targets: readonly LabelRecord[];
}

/** Turns the objects of a role into targets; what else it looks at it gets by `find`. */
export type Role = (object: KubeObject, find: Find, attachNode: boolean) => ObjectTargets;

export const prefix = "__meta_kubernetes_";

export function nameOf(object: KubeObject): string {
  return textAt(object, "metadata", "name");
}

export function namespaceOf(object: KubeObject): string {
  return textAt(object, "metadata", "namespace");
}

export function namespaceLabel(object: KubeObject): LabelRecord {
  return { [`${prefix}namespace`]: namespaceOf(object) };
}

/** Name, labels and annotations. */
export function metaLabels(object: KubeObject, kind: Kind): LabelRecord {
  const labels: LabelRecord = { [`${prefix}${kind}_name`]: nameOf(object) };
  for (const [field, word] of metaFields) {
    for (const [key, value] of entriesAt(object, "metadata", field)) {
      const name = sanitizeLabelName(key);
      labels[`${prefix}${kind}_${word}_${name}`] = value;
      labels[`${prefix}${kind}_${word}present_${name}`] = "true";
    }
  }
  return labels;
}

const metaFields = [
  ["labels", "label"],
  ["annotations", "annotation"],
] as const;

/** What `attach_metadata` adds to whatever runs on a node. */
export function attachedNode(find: Find, name: string): LabelRecord {
  const node = name === "" ? undefined : find("node", "", name);
  return node === undefined ? {} : metaLabels(node, "node");
}

/** The pod that a reference leads to. */
export function referencedPod(reference: unknown, find: Find): KubeObject | undefined {
  if (textAt(reference, "kind") !== "Pod") return undefined;
  return find("pod", textAt(reference, "namespace"), textAt(reference, "name"));
}

/** As the labels of these names, without those that the object does not have. */
export function present(object: unknown, names: Readonly<Record<string, readonly string[]>>): LabelRecord {
  const found = Object.entries(names).filter(([, path]) => valueAt(object, ...path) != null);
  return Object.fromEntries(found.map(([name, path]) => [prefix + name, textAt(object, ...path)]));
}

/** The containers of a pod in the order of Prometheus: those that stay, then those that only prepare. */
export function containersOf(pod: KubeObject): { container: unknown; isInit: boolean }[] {
  const all = (field: string, isInit: boolean) =>
    listAt(pod, "spec", field).map((container) => ({ container, isInit }));
  return [...all("containers", false), ...all("initContainers", true)];
}
