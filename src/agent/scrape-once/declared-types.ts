import type { PageFormat } from "../../formats/exposition/content-type.ts";

export interface Family {
  readonly name: string;
  readonly type: string;
}

/** What a format puts behind the name of a family to make the names of its series. */
const suffixes: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|sum|count|created)$/,
  summary: /_(?:sum|count|created)$/,
  gaugehistogram: /_(?:bucket|gsum|gcount)$/,
  info: /_info$/,
};

const openMetricsSuffixes: typeof suffixes = { ...suffixes, counter: /_(?:total|created)$/ };

/**
 * The families of a page and their types, as its TYPE lines declare them. A scrape has no need for families, and so its
 * readers do not tell them.
 */
export class DeclaredTypes {
  readonly #types: ReadonlyMap<string, string>;
  readonly #format: PageFormat | undefined;

  constructor(page: string, format: PageFormat | undefined) {
    const lines = format === "protobuf" ? [] : page.matchAll(typeLine);
    this.#types = new Map([...lines].map(([, name = "", type = ""]) => [unquoted(name), type]));
    this.#format = format;
  }

  /** `told` is the type by the reader, which is right only where a page has no TYPE lines. */
  familyOf(metric: string, told: string): Family {
    if (this.#format === "protobuf") return { name: withoutSuffix(metric, suffixes[told]), type: told };
    const own = this.#types.get(metric);
    if (own !== undefined) return { name: metric, type: own };
    const known = this.#format === "open-metrics" ? openMetricsSuffixes : suffixes;
    for (const [type, suffix] of Object.entries(known)) {
      const name = withoutSuffix(metric, suffix);
      if (name !== metric && this.#types.get(name) === type) return { name, type };
    }
    return { name: metric, type: this.#format === "open-metrics" ? "unknown" : "untyped" };
  }
}

const typeLine = /^[ \t]*#[ \t]+TYPE[ \t]+("(?:[^"\\]|\\.)*"|[^ \t\n]+)[ \t]+([a-z]+)[ \t]*$/gm;

function withoutSuffix(metric: string, suffix: RegExp | undefined): string {
  return suffix === undefined ? metric : metric.replace(suffix, "");
}

function unquoted(name: string): string {
  return name.startsWith('"')
    ? name.slice(1, -1).replaceAll(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped))
    : name;
}
