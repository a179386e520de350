/**
 * A pattern as Go's regexp/syntax reads it, spelled as RE2JS does. They differ in two places:
 *
 *     \p{…}    Go (1.25 and later) takes the long names of categories, and any case, spaces, `_` and `-` in names; it
 *              refuses properties that are neither categories nor scripts
 *     (?P<n>   Go allows several groups of one name: `$n` is the first of them that took part in the match
 */
export interface Re2Syntax {
  readonly pattern: string;
  /** The numbers of the groups that share their name with an earlier group, by name. */
  readonly repeated: ReadonlyMap<string, readonly number[]>;
}

/** Throws an Error in RE2's words for a class that Go does not know. */
export function goSyntax(pattern: string): Re2Syntax {
  if (!/\\[pP]\{|\(\?P?</.test(pattern)) return { pattern, repeated: noRepeats };
  const translation = new Translation();
  let isInClass = false;
  for (const { 0: token, groups = {} } of pattern.matchAll(tokens)) {
    if (token.startsWith("\\")) translation.add(groups.name === undefined ? token : property(token, groups, isInClass));
    else if (isInClass) {
      translation.add(token);
      isInClass = !token.endsWith("]") || token.startsWith("[:");
    } else {
      isInClass = /^\[\^?\]?$/.test(token);
      translation.addOutside(token, groups.group);
    }
  }
  return translation;
}

/**
 * Quoted text, properties, other escapes, the names of POSIX classes, the start of a class with a `]` that is literal
 * there, the starts of groups, and single characters.
 */
const tokens =
  /\\Q.*?(?:\\E|$)|\\(?<letter>[pP])\{(?<not>\^?)(?<name>[^}]*)\}|\\.|\[:\^?\w+:\]|\[\^?\]?|\(\?P?<(?<group>[^>]*)>|\(\?|./gsu;

class Translation implements Re2Syntax {
  pattern = "";
  readonly repeated = new Map<string, number[]>();
  readonly #names = new Set<string>();
  #groups = 0;

  add(token: string): void {
    this.pattern += token;
  }

  addOutside(token: string, group: string | undefined): void {
    if (group !== undefined || token === "(") this.#groups++;
    if (group === undefined || !this.#names.has(group)) this.pattern += token;
    // Nameless: the first group of the name keeps it.
    else this.#repeat(group);
    if (group !== undefined) this.#names.add(group);
  }

  #repeat(group: string): void {
    this.pattern += "(";
    this.repeated.set(group, [...(this.repeated.get(group) ?? []), this.#groups]);
  }
}

const noRepeats: ReadonlyMap<string, readonly number[]> = new Map();

type PropertyParts = { readonly [part in string]?: string };

function property(token: string, { letter, not, name = "" }: PropertyParts, isInClass: boolean): string {
  const isNegated = (letter === "P") !== (not === "^");
  const known = name.toLowerCase().replaceAll(/[ _-]/g, "");
  if (known === "ascii") return inClass(isNegated ? "\\x{80}-\\x{10FFFF}" : "\\x00-\\x7F", isInClass);
  if (known === "lc" || known === "casedletter") return casedLetter(isNegated, isInClass) ?? token;
  const found = known === "any" ? "Any" : (categories.get(known) ?? scriptNamed(name));
  if (found === undefined) throw new Error(`error parsing regexp: invalid character class range: \`${token}\``);
  return `\\${isNegated ? "P" : "p"}{${found}}`;
}

function inClass(ranges: string, isInClass: boolean): string {
  return isInClass ? ranges : `[${ranges}]`;
}

/** RE2JS has no name for it, and within a class no way to say what is none of three. */
function casedLetter(isNegated: boolean, isInClass: boolean): string | undefined {
  if (!isNegated) return inClass("\\p{Lu}\\p{Ll}\\p{Lt}", isInClass);
  return isInClass ? undefined : "[^\\p{Lu}\\p{Ll}\\p{Lt}]";
}

/** The long names of the general categories (PropertyValueAliases.txt of the Unicode Character Database). */
const categoryNames: Readonly<Record<string, string>> = {
  C: "other",
  Cc: "control cntrl",
  Cf: "format",
  Co: "privateuse",
  Cs: "surrogate",
  L: "letter",
  Ll: "lowercaseletter",
  Lm: "modifierletter",
  Lo: "otherletter",
  Lt: "titlecaseletter",
  Lu: "uppercaseletter",
  M: "mark combiningmark",
  Mc: "spacingmark",
  Me: "enclosingmark",
  Mn: "nonspacingmark",
  N: "number",
  Nd: "decimalnumber digit",
  Nl: "letternumber",
  No: "othernumber",
  P: "punctuation punct",
  Pc: "connectorpunctuation",
  Pd: "dashpunctuation",
  Pe: "closepunctuation",
  Pf: "finalpunctuation",
  Pi: "initialpunctuation",
  Po: "otherpunctuation",
  Ps: "openpunctuation",
  S: "symbol",
  Sc: "currencysymbol",
  Sk: "modifiersymbol",
  Sm: "mathsymbol",
  So: "othersymbol",
  Z: "separator",
  Zl: "lineseparator",
  Zp: "paragraphseparator",
  Zs: "spaceseparator",
};

const categories: ReadonlyMap<string, string> = new Map(
  Object.entries(categoryNames).flatMap(([category, names]) =>
    [category.toLowerCase(), ...names.split(" ")].map((name) => [name, category] as const),
  ),
);

/** As Unicode spells it; its four-letter codes are not names, but for scripts whose name is as short. */
function scriptNamed(name: string): string | undefined {
  const script = name
    .split(/[ _-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("_");
  if (!/^[A-Za-z_]+$/.test(script) || (script.length === 4 && !shortScripts.has(script))) return undefined;
  try {
    new RegExp(`\\p{Script=${script}}`, "u");
    return script;
  } catch {
    return undefined;
  }
}

const shortScripts: ReadonlySet<string> = new Set(["Cham", "Lisu", "Thai", "Toto"]);
