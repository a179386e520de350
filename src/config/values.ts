import { rangeWithin, type YamlNode, type YamlScalar } from "../lib/yaml.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import { type Environment, interpolate } from "./interpolate.ts";
import { type ConfigFile, placeOf } from "./parse.ts";

/** What the scalars of a tree stand for, once every `${…}` is replaced. */
export class Values {
  readonly diagnostics: Diagnostic[] = [];
  /** Scalars that hold a reference; all others stand for themselves. */
  readonly #replaced = new Map<
    YamlScalar,
    { readonly value: unknown; readonly text: string; readonly isBroken: boolean }
  >();

  constructor(root: YamlNode, file: ConfigFile, environment: Environment) {
    for (const scalar of scalarsOf(root)) {
      if (!scalar.text.includes("${")) continue;
      const { value, text, mistakes } = interpolate(scalar, environment, file.dir);
      this.#replaced.set(scalar, { value, text, isBroken: mistakes.length > 0 });
      let from = 0;
      for (const { message, hint, reference } of mistakes) {
        const at = scalar.raw.indexOf(reference, from);
        from = Math.max(from, at + reference.length);
        // Where quotes and escapes spell it differently, the scalar itself is near enough.
        const range = at < 0 ? scalar.range : rangeWithin(scalar, at, reference.split("\n", 1).join().length);
        this.diagnostics.push(mistake(message, placeOf(file, range), hint));
      }
    }
  }

  value(scalar: YamlScalar): unknown {
    return this.#replaced.has(scalar) ? this.#replaced.get(scalar)?.value : scalar.value;
  }

  text(scalar: YamlScalar): string {
    return this.#replaced.get(scalar)?.text ?? scalar.text;
  }

  /** Its reference could not be resolved, which is reported: what its stand-in fails at is no second mistake. */
  isBroken(scalar: YamlScalar): boolean {
    return this.#replaced.get(scalar)?.isBroken === true;
  }

  /** The message with whatever came from outside as it was written: it may be a secret. */
  hideIn(message: string): string {
    let hidden = message;
    for (const [scalar, { text }] of this.#replaced) {
      hidden = hidden.replaceAll(`"${text}"`, () => `"${scalar.text}"`);
      // One or two letters hide nothing, and are in every sentence.
      if (text.length > 2) hidden = hidden.replaceAll(text, () => scalar.text);
    }
    return hidden;
  }
}

function scalarsOf(node: YamlNode): YamlScalar[] {
  if (node.kind === "scalar") return [node];
  return (node.kind === "list" ? node.items : node.entries.map(({ value }) => value)).flatMap(scalarsOf);
}
