import type { Component } from "../../component.ts";
import { foreignFields, foreignValues, type Reasons } from "../../config/foreign-fields.ts";
import type { ConfigFile } from "../../config/parse.ts";
import { wiringOf } from "../../config/wiring.ts";
import type { YamlEntry, YamlNode, YamlRange } from "../../lib/yaml.ts";
import { fitToSchema } from "./fit.ts";
import { isEmpty, map } from "./nodes.ts";

/** Something of the origin that has no equal. */
export interface Finding {
  /** An `error` changes what is collected or where it goes; a `note` says why nothing is lost. */
  readonly severity: "error" | "note";
  readonly message: string;
  readonly range: YamlRange;
  /** The component that it would belong to; undefined for the file as a whole. */
  readonly id: string | undefined;
}

/** What a file of another agent's becomes: the same file with another root. */
export interface Converted {
  readonly file: ConfigFile;
  readonly findings: readonly Finding[];
}

/** A file of another agent's while it is converted. */
export class Draft {
  readonly #origin: Pick<ConfigFile, "path" | "dir" | "lines">;
  readonly #manifest: readonly Component[];
  readonly #ids: Ids;
  readonly #entries: YamlEntry[] = [];
  readonly #findings: Finding[] = [];

  constructor(
    origin: Pick<ConfigFile, "path" | "dir" | "lines">,
    { manifest, ids }: { manifest: readonly Component[]; ids: Ids },
  ) {
    this.#origin = origin;
    this.#manifest = manifest;
    this.#ids = ids;
  }

  /** An id that no other component has, as near as can be to what was wished for. */
  id(type: string, label: string): string {
    return this.#ids.take(type, label);
  }

  /** Adds a component. Fields that its schema does not have are left out, and found. */
  add(id: string, entries: readonly YamlEntry[], range: YamlRange): void {
    const whole = map(entries, range);
    const component = this.#componentOf(id);
    const { node, leftOut } =
      component === undefined
        ? { node: whole, leftOut: [] }
        : fitToSchema(whole, component.config, Object.keys(wiringOf(component)));
    for (const { path, range: at, value } of leftOut) {
      const reason = reasonFor(path, value);
      const [severity, why] = reason ?? ["error", `${component?.type} has no equal`];
      // A stage works by being there.
      const isStage = path.at(-2) === "stages";
      this.find(!isStage && isOff(value) ? "note" : severity, `${path.join(".")}: ${why}`, at, id);
    }
    this.set(id, node);
  }

  /** Components that were added first come last: who sends before who takes. */
  moveToEnd(count: number): void {
    this.#entries.push(...this.#entries.splice(0, count));
  }

  /** Adds a top-level key as it is. */
  set(key: string, value: YamlNode): void {
    this.#entries.push({ key, keyRange: value.range, value });
  }

  has(type: string): boolean {
    return this.#manifest.some((component) => component.type === type);
  }

  find(severity: Finding["severity"], message: string, range: YamlRange, id?: string): void {
    this.#findings.push({ severity, message, range, id });
  }

  get converted(): Converted {
    const { path, dir, lines } = this.#origin;
    // Settings come first, whenever they were set.
    const entries = this.#entries.toSorted((a, b) => Number(a.key.includes(".")) - Number(b.key.includes(".")));
    const root = map(entries, { line: 1, column: 1, length: 1 });
    return { file: { path, dir, lines, root }, findings: this.#findings };
  }

  #componentOf(id: string): Component | undefined {
    return this.#manifest.find(({ type }) => type === id.slice(0, id.lastIndexOf(".")));
  }
}

/** The ids that are given already, in all files of a config. */
export class Ids {
  readonly #taken = new Set<string>();

  take(type: string, label: string): string {
    const wanted = `${type}.${label.replaceAll(/[^a-zA-Z0-9_-]+/g, "_") || "default"}`;
    let id = wanted;
    for (let at = 2; this.#taken.has(id); at++) id = `${wanted}_${at}`;
    this.#taken.add(id);
    return id;
  }
}

function reasonFor(path: readonly string[], value: YamlNode): Reasons[string] | undefined {
  const name = path.at(-1) ?? "";
  const ofValue = value.kind === "scalar" ? foreignValues[`${name}: ${value.text}`] : undefined;
  return ofValue ?? foreignFields[path.join(".")] ?? foreignFields[name];
}

/** What is switched off loses nothing where it cannot be switched on. */
function isOff(value: YamlNode): boolean {
  return isEmpty(value) || (value.kind === "scalar" && ["false", "0", "0s", "0B", ""].includes(value.text));
}
