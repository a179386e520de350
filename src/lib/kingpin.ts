/** A flag of a program that reads its command line by kingpin, as Prometheus' exporters do. */
export interface Flag {
  /** Without the dashes: `web.listen-address`. */
  readonly name: string;
  /** A switch takes no value and has a twin: `--no-name`. */
  readonly isSwitch: boolean;
  readonly isRepeatable: boolean;
  /** Works, but is not shown by `--help`. */
  readonly isHidden: boolean;
  readonly help: string;
  /** As `--help` shows it. */
  readonly default?: string | undefined;
}

/** What stands on the command line, in its order: a switch has `true` or `false`. */
export interface GivenFlag<F extends Flag> {
  readonly flag: F;
  readonly value: string;
}

/** The mistake ends the list: what was read before it stands, as with kingpin, whose `--version` wins over it. */
export interface CommandLine<F extends Flag> {
  readonly given: readonly GivenFlag<F>[];
  readonly mistake?: string;
}

type Token = { readonly kind: "long" | "short" | "argument"; readonly text: string };

class Mistake extends Error {}

/**
 * Reads a command line of flags by the rules of kingpin v2, and names mistakes in its words:
 *
 *     --name=value   --name value   --switch   --no-switch   -h is --help   @file: one argument a line, # is a comment
 *
 * Behind `--` there are arguments only, and this reads programs that take none. `readFile` may throw.
 */
export function readCommandLine<F extends Flag>(
  argv: readonly string[],
  flags: readonly F[],
  readFile: (path: string) => string,
): CommandLine<F> {
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  const tokens = new Tokens(argv, readFile);
  const given: GivenFlag<F>[] = [];
  try {
    for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
      given.push(readFlag(token, known, tokens));
    }
    return { given };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { given, mistake: error.message };
  }
}

/** The first flag that is given twice and may not be; undefined if there is none. */
export function repeatedFlag(given: readonly GivenFlag<Flag>[]): string | undefined {
  const seen = new Set<string>();
  for (const { flag } of given) {
    if (seen.has(flag.name) && !flag.isRepeatable) return `flag '${flag.name}' cannot be repeated`;
    seen.add(flag.name);
  }
  return undefined;
}

/** What `--help` prints. */
export function usageText(program: string, flags: readonly Flag[]): string {
  const shown = flags.filter(({ isHidden }) => !isHidden);
  return `usage: ${program} [<flags>]\n\nFlags:\n${shown.map(usageOf).join("")}`;
}

function readFlag<F extends Flag>({ kind, text }: Token, known: ReadonlyMap<string, F>, tokens: Tokens): GivenFlag<F> {
  if (kind === "argument") throw new Mistake(`unexpected ${text}`);
  const help = kind === "short" && text === "h" ? known.get("help") : undefined;
  if (help !== undefined) return { flag: help, value: "true" };
  if (kind === "short") throw new Mistake(`unknown short flag '-${text}'`);
  const flag = known.get(text);
  if (flag?.isSwitch) return { flag, value: "true" };
  if (flag !== undefined) {
    const value = tokens.next();
    if (value?.kind !== "argument") throw new Mistake(`expected argument for flag '--${text}'`);
    return { flag, value: value.text };
  }
  const inverted = text.startsWith("no-") ? known.get(text.slice("no-".length)) : undefined;
  if (!inverted?.isSwitch) throw new Mistake(`unknown long flag '--${text}'`);
  return { flag: inverted, value: "false" };
}

/** The words of a command line, with `@file` replaced by the lines of the file. */
class Tokens {
  readonly #words: string[];
  readonly #readFile: (path: string) => string;
  /** What stood behind a `=`: the next token, whatever it begins with. */
  #value: string | undefined;
  #argumentsOnly = false;

  constructor(argv: readonly string[], readFile: (path: string) => string) {
    this.#words = [...argv];
    this.#readFile = readFile;
  }

  next(): Token | undefined {
    const value = this.#value;
    this.#value = undefined;
    if (value !== undefined) return { kind: "argument", text: value };
    const word = this.#words.shift();
    if (word === undefined || this.#argumentsOnly) return word === undefined ? undefined : argument(word);
    if (word === "--") {
      this.#argumentsOnly = true;
      return this.next();
    }
    if (word.startsWith("--")) return this.#long(word.slice(2));
    if (word.startsWith("-")) return { kind: "short", text: word.slice(1, 2) };
    if (!word.startsWith("@")) return argument(word);
    this.#words.unshift(...this.#linesOf(word.slice(1)));
    return this.next();
  }

  #long(text: string): Token {
    const equals = text.indexOf("=");
    if (equals < 0) return { kind: "long", text };
    this.#value = text.slice(equals + 1);
    return { kind: "long", text: text.slice(0, equals) };
  }

  #linesOf(path: string): string[] {
    try {
      const lines = this.#readFile(path).split("\n");
      if (lines.at(-1) === "") lines.pop();
      return lines.map((line) => line.replace(/\r$/, "")).filter((line) => !line.startsWith("#"));
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const cause = missing ? "no such file or directory" : String((error as Error).message);
      throw new Mistake(`failed to open arguments file ${JSON.stringify(path)}: open ${path}: ${cause}`);
    }
  }
}

function argument(text: string): Token {
  return { kind: "argument", text };
}

const helpColumn = 33;
const screenWidth = 80;

function usageOf({ name, isSwitch, isRepeatable, help, default: fallback }: Flag): string {
  const value = isSwitch ? "" : `=${fallback ?? name.toUpperCase()}${isRepeatable ? " ..." : ""}`;
  const head = `  ${name === "help" ? "-h," : "   "} --${isSwitch && name !== "help" && name !== "version" ? "[no-]" : ""}${name}${value}`;
  const lines = wrapped(help, screenWidth - helpColumn);
  const indent = " ".repeat(helpColumn);
  if (head.length + 2 > helpColumn) return `${head}\n${lines.map((line) => `${indent}${line}\n`).join("")}`;
  const [first = "", ...rest] = lines;
  return `${`${head.padEnd(helpColumn)}${first}\n`}${rest.map((line) => `${indent}${line}\n`).join("")}`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
