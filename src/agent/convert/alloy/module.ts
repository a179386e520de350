import { evaluate, type Scope } from "../../../formats/alloy-syntax/evaluate.ts";
import type { Attribute, Block, Expression, Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { AlloyError } from "../../../formats/alloy-syntax/syntax.ts";
import { type AlloyObject, type AlloyValue, Later } from "../../../formats/alloy-syntax/values.ts";
import type { Draft } from "../draft.ts";

/** A component of a config: one of Alloy's own, or one that a `declare` block has made. */
export interface Instance {
  readonly type: string;
  readonly label: string;
  readonly block: Block;
  readonly module: Module;
  /** Of a component that was declared: what is inside. */
  readonly inside?: Module;
  /** Sonde's ids, once they are known. */
  ids: readonly string[];
  isWritten: boolean;
}

/** A `declare` block, the file that it stands in, and what it sees there. */
export interface Declaration {
  readonly block: Block;
  readonly draft: Draft;
  readonly declarations: Declarations;
}

/** By the name that instances have: `add`, or `math.add` from an import. */
export type Declarations = Map<string, Declaration>;

/** The components that see each other: those of a config, or of one instance of a declared component. */
export class Module implements Scope {
  readonly draft: Draft;
  readonly declarations: Declarations;
  /** Stands before the labels of its components. */
  readonly prefix: string;
  readonly instances: Instance[];
  readonly library: AlloyObject;
  readonly variables: ReadonlyMap<string, () => AlloyValue>;
  readonly #outer: Module | undefined;
  readonly #exports = new Map<string, Expression>();

  constructor(options: {
    draft: Draft;
    declarations: Declarations;
    prefix: string;
    library: AlloyObject;
    /** Names with dots, as `argument.port.value`. */
    variables: ReadonlyMap<string, () => AlloyValue>;
    /** Shared by the files of a folder. */
    instances?: Instance[];
    /** Whose components can be seen from here, too: that of a `foreach`. */
    outer?: Module;
  }) {
    this.draft = options.draft;
    this.declarations = options.declarations;
    this.prefix = options.prefix;
    this.library = options.library;
    this.variables = options.variables;
    this.instances = options.instances ?? [];
    this.#outer = options.outer;
  }

  evaluate(expression: Expression): AlloyValue {
    return evaluate(expression, this);
  }

  addExport(name: string, value: Expression): void {
    this.#exports.set(name, value);
  }

  resolve(path: readonly string[]): { value: AlloyValue; used: number } | undefined {
    for (let used = path.length; used > 0; used--) {
      const variable = this.variables.get(path.slice(0, used).join("."));
      if (variable !== undefined) return { value: variable(), used };
    }
    return this.#component(path) ?? this.#outer?.resolve(path) ?? this.#libraryValue(path);
  }

  #component(path: readonly string[]): { value: AlloyValue; used: number } | undefined {
    const instance = this.instances.find(({ type, label }) => {
      const id = `${type}.${label}`.split(".");
      return id.every((part, at) => part === path[at]);
    });
    if (instance === undefined) return undefined;
    const at = `${instance.type}.${instance.label}`.split(".").length;
    const name = path[at];
    if (name === undefined) throw new Error(`${path.join(".")} is a component; name one of its exports`);
    return { value: exportOf(instance, name), used: at + 1 };
  }

  #libraryValue([name = ""]: readonly string[]): { value: AlloyValue; used: number } | undefined {
    const value = Object.hasOwn(this.library, name) ? this.library[name] : undefined;
    return value === undefined ? undefined : { value, used: 1 };
  }

  exported(name: string): AlloyValue {
    const value = this.#exports.get(name);
    if (value === undefined) throw new Error(`it has no export ${name}`);
    return this.evaluate(value);
  }
}

function exportOf(instance: Instance, name: string): AlloyValue {
  const { type, block, module, inside } = instance;
  if (inside !== undefined) return inside.exported(name);
  if (type === "local.file" && name === "content") return fileContent(instance);
  if (name === "rules") return blocksOf(block.body, "rule").map((rule) => objectOf(rule.body, module));
  return Later.of({ instance, export: name });
}

function fileContent({ block, module }: Instance): AlloyValue {
  const filename = attributeOf(block.body, "filename");
  const file = filename === undefined ? null : module.evaluate(filename.value);
  if (typeof file !== "string") throw new AlloyError("the filename of a local.file must be known", block.range);
  return Later.of({ file });
}

/** The attributes of a block as an object. */
function objectOf(body: readonly Statement[], module: Module): AlloyObject {
  return Object.fromEntries(attributesOf(body).map(({ name, value }) => [name, module.evaluate(value)]));
}

export function attributesOf(body: readonly Statement[]): Attribute[] {
  return body.filter((statement) => statement.kind === "attribute");
}

export function attributeOf(body: readonly Statement[], name: string): Attribute | undefined {
  return attributesOf(body).find((attribute) => attribute.name === name);
}

export function blocksOf(body: readonly Statement[], name?: string): Block[] {
  return body.filter(
    (statement) => statement.kind === "block" && (name === undefined || statement.name === name),
  ) as Block[];
}
