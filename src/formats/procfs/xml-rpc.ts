/** A value of XML-RPC: what supervisord's answers are made of. */
export type XmlRpcValue = string | number | boolean | readonly XmlRpcValue[] | ReadonlyMap<string, XmlRpcValue>;

/** The one value of a `<methodResponse>`. Throws the text of a `<fault>`, and on what is no answer. */
export function parseXmlRpc(xml: string): XmlRpcValue {
  const tokens = [...xml.matchAll(/<(\/?)([A-Za-z0-9.]+)\s*(\/?)>|([^<]+)/g)].map(tokenOf);
  const reader = new Reader(tokens);
  reader.skipTo("methodResponse");
  if (reader.next("fault")) {
    const fault = reader.value();
    throw new Error(`fault: ${fault instanceof Map ? String(fault.get("faultString")) : "unknown"}`);
  }
  for (const tag of ["params", "param"]) reader.expect(tag);
  return reader.value();
}

/** `<a>`, `</a>` as `a`, `/a`; text as `=text`. */
function tokenOf([, slash = "", tag, empty, text]: RegExpMatchArray): string[] {
  if (tag === undefined) return [`=${unescaped(text ?? "")}`];
  return empty === "/" ? [tag, `/${tag}`] : [`${slash}${tag}`];
}

function unescaped(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);/g, (whole, name: string) => {
    if (!name.startsWith("#")) return named[name] ?? whole;
    return String.fromCodePoint(name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}

class Reader {
  readonly #tokens: string[];
  #at = 0;

  constructor(tokens: string[][]) {
    this.#tokens = tokens.flat();
  }

  skipTo(tag: string): void {
    while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== tag) this.#at++;
    this.expect(tag);
  }

  /** Takes this tag if it is what comes, white space aside. */
  next(tag: string): boolean {
    if (this.#tokens[this.#at]?.startsWith("=") && this.#tokens[this.#at]?.trim() === "=") this.#at++;
    if (this.#tokens[this.#at] !== tag) return false;
    this.#at++;
    return true;
  }

  expect(tag: string): void {
    if (!this.next(tag)) throw new Error(`cannot parse the answer: ${tag} is missing at ${this.#tokens[this.#at]}`);
  }

  value(): XmlRpcValue {
    this.expect("value");
    const value = this.#content();
    this.expect("/value");
    return value;
  }

  #content(): XmlRpcValue {
    if (this.next("array")) return this.#array();
    if (this.next("struct")) return this.#struct();
    const type = ["int", "i4", "i8", "double", "boolean", "string"].find((tag) => this.next(tag));
    // A value without a type is a string.
    const text = this.#text();
    if (type === undefined) return text;
    this.expect(`/${type}`);
    if (type === "string") return text;
    return type === "boolean" ? text === "1" : Number(text);
  }

  #text(): string {
    const token = this.#tokens[this.#at] ?? "";
    if (!token.startsWith("=")) return "";
    this.#at++;
    return token.slice(1);
  }

  #array(): XmlRpcValue[] {
    const values: XmlRpcValue[] = [];
    this.expect("data");
    while (!this.next("/data")) values.push(this.value());
    this.expect("/array");
    return values;
  }

  #struct(): Map<string, XmlRpcValue> {
    const members = new Map<string, XmlRpcValue>();
    while (!this.next("/struct")) {
      for (const tag of ["member", "name"]) this.expect(tag);
      const name = this.#text();
      this.expect("/name");
      members.set(name, this.value());
      this.expect("/member");
    }
    return members;
  }
}
