import { unquoteGo } from "../go-string.ts";
import { failureAt } from "./failure.ts";
import type { Token } from "./lexer.ts";
import type { Node, Nodes, Pipe, Templates } from "./nodes.ts";
import { PipeParser } from "./pipe-parser.ts";

/** Throws an Error that tells the place and what is wrong there. */
export function parseTemplate(source: string, hasFunction: (name: string) => boolean): Templates {
  return new Parser(source, hasFunction).parse();
}

/** Why a list of nodes ended: `{{end}}`, `{{else}}` (which stands before what follows it), or the end of the source. */
type Ending = "end" | "else" | "source";

class Parser {
  readonly #source: string;
  readonly #pipes: PipeParser;
  readonly #templates = new Map<string, Nodes>();
  readonly #calls: Array<{ name: string; at: number }> = [];
  #ranges = 0;

  constructor(source: string, hasFunction: (name: string) => boolean) {
    this.#source = source;
    this.#pipes = new PipeParser(source, hasFunction);
  }

  parse(): Templates {
    const [nodes, ending, at] = this.#list(true);
    if (ending !== "source") throw this.#pipes.failure(`unexpected {{${ending}}}`, { at });
    this.#templates.set("", nodes);
    const missing = this.#calls.find(({ name }) => !this.#templates.has(name));
    if (missing !== undefined) {
      throw failureAt(this.#source, missing.at, `template ${JSON.stringify(missing.name)} is not defined`);
    }
    return this.#templates;
  }

  /** Up to and with the keyword that ends it, and where that is. */
  #list(isTop = false): [nodes: Nodes, ending: Ending, at: number] {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#pipes.next();
      if (token.kind === "end") return [nodes, "source", token.at];
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      this.#pipes.skipSpace();
      const keyword = this.#pipes.keyword();
      if (keyword === "end") this.#pipes.close("end");
      if (keyword === "end" || keyword === "else") return [nodes, keyword, token.at];
      if (keyword === "define" && isTop) this.#define();
      else nodes.push(this.#node(keyword, token));
    }
  }

  #node(keyword: string | undefined, open: Token): Node {
    switch (keyword) {
      case undefined:
        return { kind: "action", pipe: this.#pipes.pipe("command", "close") };
      case "if":
      case "with":
      case "range":
        return this.#control(keyword);
      case "break":
      case "continue":
        if (this.#ranges === 0) throw this.#pipes.failure(`{{${keyword}}} outside of {{range}}`, open);
        this.#pipes.close(keyword);
        return { kind: keyword };
      case "template":
        return this.#call(open);
      case "block":
        return this.#block(open);
      default:
        throw this.#pipes.failure(`unexpected {{${keyword}}}`, open);
    }
  }

  #control(kind: "if" | "with" | "range"): Node {
    const scope = this.#pipes.variables.length;
    const pipe = this.#pipes.pipe(kind, "close");
    if (kind === "range") this.#ranges++;
    const [body, ending] = this.#list();
    if (kind === "range") this.#ranges--;
    const otherwise = ending === "else" ? this.#otherwise(kind) : [];
    if (ending === "source") throw this.#pipes.failure(`{{${kind}}} has no {{end}}`, { at: pipe.at });
    this.#pipes.variables.length = scope;
    return { kind, pipe, body, otherwise };
  }

  /** `{{else if …}}` is an if within the else that shares the {{end}}. */
  #otherwise(kind: "if" | "with" | "range"): Nodes {
    this.#pipes.skipSpace();
    const { at } = this.#pipes.token(0);
    const keyword = this.#pipes.keyword();
    if (keyword !== undefined && keyword === kind && kind !== "range") return [this.#control(kind)];
    if (keyword !== undefined) throw this.#pipes.failure(`unexpected {{else ${keyword}}} of {{${kind}}}`, { at });
    this.#pipes.close("else");
    const [body, ending] = this.#list();
    if (ending === "else") throw this.#pipes.failure(`a second {{else}} of {{${kind}}}`, { at });
    if (ending === "source") throw this.#pipes.failure(`{{${kind}}} has no {{end}}`, { at });
    return body;
  }

  #define(): void {
    const [name, at] = this.#name("define");
    this.#pipes.close("define");
    this.#body(name, at);
  }

  /** A body of its own, with no variables of those around it. */
  #body(name: string, at: number): void {
    const [variables, ranges] = [this.#pipes.variables, this.#ranges];
    [this.#pipes.variables, this.#ranges] = [["$"], 0];
    const [nodes, ending] = this.#list();
    if (ending !== "end") throw this.#pipes.failure(`the definition of ${JSON.stringify(name)} has no {{end}}`, { at });
    [this.#pipes.variables, this.#ranges] = [variables, ranges];
    const there = this.#templates.get(name);
    if (there === undefined || isEmpty(there)) this.#templates.set(name, nodes);
    else if (!isEmpty(nodes)) throw this.#pipes.failure(`${JSON.stringify(name)} is defined twice`, { at });
  }

  #call({ at }: Token): Node {
    const [name] = this.#name("template");
    this.#calls.push({ name, at });
    return { kind: "template", name, pipe: this.#argument(), at };
  }

  /** Of a template: what its dot is, or nothing. */
  #argument(): Pipe | undefined {
    this.#pipes.skipSpace();
    if (this.#pipes.token(0).kind !== "close") return this.#pipes.pipe("template", "close");
    this.#pipes.next();
    return undefined;
  }

  #block({ at }: Token): Node {
    const [name, nameAt] = this.#name("block");
    const pipe = this.#pipes.pipe("block", "close");
    this.#body(name, nameAt);
    return { kind: "template", name, pipe, at };
  }

  #name(keyword: string): [name: string, at: number] {
    this.#pipes.skipSpace();
    const token = this.#pipes.next();
    const name = token.kind === "string" ? unquoteGo(token.text) : undefined;
    if (name === undefined) throw this.#pipes.failure(`{{${keyword}}} needs a name in quotes`, token);
    return [name, token.at];
  }
}

function isEmpty(nodes: Nodes): boolean {
  return nodes.every((node) => node.kind === "text" && node.text.trim() === "");
}
