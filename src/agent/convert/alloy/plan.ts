import { AlloyError, type Block, type Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { type AlloyValue, isArray } from "../../../formats/alloy-syntax/values.ts";
import { hasEndpoints } from "./components.ts";
import { declarationsIn, type Files } from "./imports.ts";
import { mappings, settingsLeft } from "./mappings.ts";
import { attributeOf, attributesOf, blocksOf, type Declaration, type Instance, Module } from "./module.ts";

/** Makes known what a body declares and imports. */
export function declare(body: readonly Statement[], module: Module, files: Files): void {
  for (const [name, each] of declarationsIn(body, module.declarations, module, files)) {
    module.declarations.set(name, each);
  }
}

/** Finds the components of a module, and those inside of the declared ones; nothing is written yet. */
export function plan(body: readonly Statement[], module: Module, files: Files, depth = 0): void {
  for (const block of blocksOf(body)) {
    if (isNoComponent(block)) continue;
    if (block.name === "foreach") planEach(block, module, files, depth);
    else module.instances.push(instanceOf(block, module, files, depth));
  }
}

/** All components that are to be written, in the order of the files. */
export function planned(module: Module): Instance[] {
  return module.instances.flatMap((instance) => {
    if (instance.inside !== undefined) return planned(instance.inside);
    return instance.ids.length > 0 || hasEndpoints(instance.type) ? [instance] : [];
  });
}

/** Settings, declarations, and what is for values only. */
function isNoComponent({ name }: Block): boolean {
  const others = ["logging", "http", "declare", "argument", "export"];
  return others.includes(name) || name in settingsLeft || name.startsWith("import.");
}

const maxDepth = 20;

function instanceOf(block: Block, module: Module, files: Files, depth: number): Instance {
  const { name: type, label = "", range } = block;
  const declaration = module.declarations.get(type);
  const common = { type, label, block, module, ids: [], isWritten: false };
  if (declaration !== undefined) {
    if (depth > maxDepth) {
      module.draft.find("error", `${type} is made of itself`, range);
      return common;
    }
    return { ...common, inside: insideOf(declaration, block, module, files, depth) };
  }
  if (type === "local.file" || hasEndpoints(type)) return common;
  if (!(type in mappings)) {
    module.draft.find("error", `${type}.${label}: there is no such component`, range);
    return common;
  }
  return { ...common, ids: [module.draft.id(type, `${module.prefix}${label}`)] };
}

/** The components of a declared component, with its arguments in place. */
function insideOf(declaration: Declaration, use: Block, outer: Module, files: Files, depth: number): Module {
  const { block, draft, declarations } = declaration;
  const variables = new Map<string, () => AlloyValue>();
  for (const argument of blocksOf(block.body, "argument")) {
    const given = attributeOf(use.body, argument.label ?? "");
    const fallback = attributeOf(argument.body, "default");
    const value = given?.value ?? fallback?.value;
    if (value === undefined && attributeOf(argument.body, "optional") === undefined) {
      outer.draft.find("error", `${use.name} needs the argument ${argument.label}`, use.range);
    }
    const scope = given === undefined ? inside : () => outer;
    variables.set(`argument.${argument.label}.value`, () => (value === undefined ? null : scope().evaluate(value)));
  }
  const module = new Module({
    draft,
    declarations: new Map(declarations),
    prefix: `${outer.prefix}${use.label}_`,
    library: outer.library,
    variables,
  });
  function inside(): Module {
    return module;
  }
  const names = blocksOf(block.body, "argument").map(({ label }) => label);
  for (const { name, nameRange } of attributesOf(use.body).filter(({ name }) => !names.includes(name))) {
    outer.draft.find("error", `${use.name} has no argument ${name}`, nameRange);
  }
  for (const each of blocksOf(block.body, "export")) {
    const value = attributeOf(each.body, "value");
    if (value !== undefined) module.addExport(each.label ?? "", value.value);
  }
  declare(block.body, module, files);
  plan(block.body, module, files, depth + 1);
  return module;
}

/** `foreach`: the template once for each item. */
function planEach(block: Block, module: Module, files: Files, depth: number): void {
  const [template] = blocksOf(block.body, "template");
  try {
    const [collection, name] = ["collection", "var"].map((each) => {
      const attribute = attributeOf(block.body, each);
      return attribute && module.evaluate(attribute.value);
    });
    if (!isArray(collection) || typeof name !== "string" || template === undefined) {
      throw new AlloyError("foreach needs a collection that is known, a var and a template", block.range);
    }
    for (const [at, item] of collection.entries()) {
      const each = new Module({
        draft: module.draft,
        declarations: new Map(module.declarations),
        prefix: `${module.prefix}${block.label}_${at}_`,
        library: module.library,
        variables: new Map([...module.variables, [name, () => item]]),
        outer: module,
      });
      declare(template.body, each, files);
      plan(template.body, each, files, depth + 1);
      module.instances.push({ type: "foreach", label: "", block, module, inside: each, ids: [], isWritten: false });
    }
  } catch (error) {
    if (!(error instanceof AlloyError)) throw error;
    module.draft.find("error", error.message, error.range);
  }
}
