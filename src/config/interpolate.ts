import { join, resolve } from "node:path";
import { describeError } from "../lib/errors.ts";
import { resolvePlainScalar, type YamlScalar } from "../lib/yaml.ts";

/** What `${…}` may see of the world. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readFile(path: string): string;
}

export interface Interpolated {
  readonly value: unknown;
  /** The value as text, where the value is a number for example. */
  readonly text: string;
  readonly mistakes: readonly InterpolationMistake[];
}

export interface InterpolationMistake {
  readonly message: string;
  readonly hint?: string;
  /** The reference as written, to be found in the scalar. */
  readonly reference: string;
}

/**
 * `${env:NAME}` and the like; with one more `$` in front it is meant literally. `$1`, `${1}`, `${name}` and `$${1}` have
 * no `word:` behind the brace: they belong to relabel rules and pass as they are.
 */
const reference = /(\$?)\$\{([a-zA-Z_]+):([^}]*)(\}?)/g;

/**
 * Replaces the references in one scalar: after parsing, so that no value can bring YAML along. An unquoted scalar that
 * is one reference and nothing else becomes what YAML makes of its text, so a number may come from outside; all
 * others are text. Relative paths start at `configDir`.
 */
export function interpolate(scalar: YamlScalar, environment: Environment, configDir: string): Interpolated {
  if (typeof scalar.value !== "string" || !scalar.value.includes("${")) {
    return { value: scalar.value, text: scalar.text, mistakes: [] };
  }
  const mistakes: InterpolationMistake[] = [];
  const text = scalar.value.replaceAll(
    reference,
    (written: string, literally: string, source: string, name: string, end: string) => {
      if (literally !== "") return written.slice(1);
      const found = end === "" ? unclosed(written) : lookUp(source, name, environment, configDir);
      if (typeof found === "string") return found;
      mistakes.push({ ...found, reference: written });
      return "";
    },
  );
  return { value: isOneReference(scalar) ? resolvePlainScalar(text) : text, text, mistakes };
}

type Mistake = Omit<InterpolationMistake, "reference">;

function isOneReference({ plain, text }: YamlScalar): boolean {
  const [whole] = text.match(reference) ?? [];
  return plain && whole === text && !whole.startsWith("$$");
}

function unclosed(written: string): Mistake {
  return { message: `\`${written}\` is not closed`, hint: "a reference ends with }; a literal ${ is written $${" };
}

function lookUp(source: string, name: string, environment: Environment, configDir: string): string | Mistake {
  if (source === "env") return fromEnvironment(name, environment);
  if (source === "file") return fromFile(resolve(configDir, name), environment);
  if (source === "credential") return fromCredential(name, environment);
  return {
    message: `unknown source \`${source}\` of a value`,
    hint: "there are env, file and credential; a literal ${ is written $${",
  };
}

/** As in a shell, `:-` gives the default for a variable that is unset or empty. */
function fromEnvironment(text: string, { env }: Environment): string | Mistake {
  const [, name, fallback] = /^([a-zA-Z_][a-zA-Z0-9_]*)(?::-(.*))?$/s.exec(text) ?? [];
  if (name === undefined) {
    return {
      message: `\`${text}\` names no environment variable`,
      hint: `write \${env:NAME} or \${env:NAME:-default}`,
    };
  }
  const value = fallback === undefined ? env[name] : env[name] || fallback;
  if (value !== undefined) return value;
  return {
    message: `the environment variable \`${name}\` is not set`,
    hint: `set it, or give a default: \${env:${name}:-default}`,
  };
}

function fromFile(path: string, environment: Environment): string | Mistake {
  try {
    return environment.readFile(path).replace(/\r?\n$/, "");
  } catch (error) {
    return { message: `cannot read ${path}: ${describeError(error)}` };
  }
}

/** systemd puts the credentials of a unit into one folder (systemd.exec(5), LoadCredential=). */
function fromCredential(name: string, environment: Environment): string | Mistake {
  const folder = environment.env.CREDENTIALS_DIRECTORY;
  if (name === "" || name.includes("/")) return { message: `\`${name}\` is not the name of a credential` };
  const hint = `add LoadCredential=${name}:/path to the systemd unit`;
  if (folder === undefined) {
    return { message: `there is no credential \`${name}\`: CREDENTIALS_DIRECTORY is not set`, hint };
  }
  const found = fromFile(join(folder, name), environment);
  return typeof found === "string" ? found : { ...found, hint };
}
