import { unquoteGo } from "../go-string.ts";
import { failureAt } from "./failure.ts";
import { type Token, type TokenKind, tokenize } from "./lexer.ts";
import type { Command, Operand, Pipe } from "./nodes.ts";
import { characterLiteral, numberLiteral } from "./number-literal.ts";

const keywords = new Set(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"]);

/** Goes through the tokens of a template and reads pipelines, which are the inner part of most actions. */
export class PipeParser {
  /** Those in scope, the innermost last. */
  variables = ["$"];
  readonly #source: string;
  readonly #hasFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string, hasFunction: (name: string) => boolean) {
    this.#source = source;
    this.#hasFunction = hasFunction;
    this.#tokens = tokenize(source);
  }

  /** Up to and with the token that ends it. */
  pipe(context: string, end: TokenKind): Pipe {
    this.skipSpace();
    const { at } = this.token(0);
    const { variables, assigns } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      this.skipSpace();
      const token = this.token(0);
      if (token.kind === end) break;
      commands.push(this.#command(commands.length, end));
    }
    const { kind, at: closeAt } = this.token(-1);
    if (commands.length === 0 || kind === "|") throw this.failure(`missing value for ${context}`, { at: closeAt });
    this.next();
    return { variables, assigns, commands, at };
  }

  #declaration(context: string): Pick<Pipe, "variables" | "assigns"> {
    const [first, second] = this.#significant();
    if (first?.kind !== "variable") return { variables: [], assigns: false };
    if (second?.kind === ":=" || second?.kind === "=") return this.#declare([first], second.kind === "=");
    const [, , third, fourth] = this.#significant();
    if (second?.kind !== "," || third?.kind !== "variable") return { variables: [], assigns: false };
    if (context !== "range" || (fourth?.kind !== ":=" && fourth?.kind !== "=")) {
      throw this.failure(`too many declarations in ${context}`, third);
    }
    return this.#declare([first, third], fourth.kind === "=");
  }

  /** The next four that are no space. */
  #significant(): Token[] {
    return this.#tokens
      .slice(this.#at, this.#at + 8)
      .filter(({ kind }) => kind !== "space")
      .slice(0, 4);
  }

  #declare(tokens: readonly Token[], assigns: boolean): Pick<Pipe, "variables" | "assigns"> {
    while (!/^:?=$/.test(this.next().kind));
    for (const token of tokens) {
      if (assigns) this.#checkVariable(token);
      else this.variables.push(token.text);
    }
    return { variables: tokens.map(({ text }) => text), assigns };
  }

  #checkVariable(token: Token): void {
    if (!this.variables.includes(token.text)) throw this.failure(`undefined variable ${token.text}`, token);
  }

  /** Operands with space between them, up to the end of the pipeline or with the bar behind it. */
  #command(stage: number, end: TokenKind): Command {
    const first = this.#operand();
    const command: [Operand, ...Operand[]] = [first];
    for (;;) {
      const token = this.token(0);
      if (token.kind === end) break;
      this.next();
      if (token.kind === "|") break;
      if (token.kind !== "space") throw this.failure(`unexpected ${describe(token)}`, token);
      if (/^[|]$/.test(this.token(0).kind) || this.token(0).kind === end) continue;
      command.push(this.#operand());
    }
    if (command.length === 1 && first.kind === "nil") throw this.failure("nil is not a command", first);
    if (stage > 0 && !/^(?:function|field|variable|pipe)$/.test(first.kind)) {
      throw this.failure(`stage ${stage + 1} of the pipeline is no function`, first);
    }
    return command;
  }

  #operand(): Operand {
    const operand = this.#term();
    if (this.token(0).kind !== "field") return operand;
    if (operand.kind !== "field" && operand.kind !== "variable" && operand.kind !== "pipe") {
      throw this.failure(`unexpected ${describe(this.token(0))}`, this.token(0));
    }
    const fields = [...operand.fields];
    while (this.token(0).kind === "field") fields.push(this.next().text.slice(1));
    return { ...operand, fields };
  }

  #term(): Operand {
    const token = this.next();
    const { kind, text, at } = token;
    switch (kind) {
      case "dot":
        return { kind: "dot", at };
      case "field":
        return { kind: "field", fields: [text.slice(1)], at };
      case "variable":
        this.#checkVariable(token);
        return { kind: "variable", name: text, fields: [], at };
      case "(":
        return { kind: "pipe", pipe: this.pipe("parenthesis", ")"), fields: [], at };
      case "name":
        return this.#named(token);
      case "string":
      case "number":
      case "character":
        return this.#constant(token);
      default:
        throw this.failure(`unexpected ${describe(token)}`, token);
    }
  }

  #named(token: Token): Operand {
    const { text, at } = token;
    if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", at };
    if (text === "nil") return { kind: "nil", at };
    if (keywords.has(text)) throw this.failure(`unexpected ${text}`, token);
    if (!this.#hasFunction(text)) throw this.failure(`function ${JSON.stringify(text)} is not defined`, token);
    return { kind: "function", name: text, at };
  }

  #constant(token: Token): Operand {
    const { kind, text, at } = token;
    if (kind === "string") {
      const value = unquoteGo(text);
      if (value === undefined) throw this.failure(`${text} has an escape that Go does not know`, token);
      return { kind: "string", value, at };
    }
    const value = kind === "number" ? numberLiteral(text) : characterLiteral(text);
    if (value === undefined) throw this.failure(`${text} is no ${kind}`, token);
    return { kind: "number", value, at };
  }

  /** Takes the next token if it is a keyword. */
  keyword(): string | undefined {
    const { kind, text } = this.token(0);
    if (kind !== "name" || !keywords.has(text)) return undefined;
    this.next();
    return text;
  }

  close(keyword: string): void {
    this.skipSpace();
    const token = this.next();
    if (token.kind !== "close") throw this.failure(`unexpected ${describe(token)} after ${keyword}`, token);
  }

  skipSpace(): void {
    if (this.token(0).kind === "space") this.#at++;
  }

  next(): Token {
    const token = this.token(0);
    this.#at++;
    return token;
  }

  token(offset: number): Token {
    return this.#tokens[this.#at + offset] ?? { kind: "end", text: "", at: this.#source.length };
  }

  failure(message: string, { at }: { readonly at: number }): Error {
    return failureAt(this.#source, at, message);
  }
}

function describe({ kind, text }: Token): string {
  if (kind === "end") return "end of the template";
  return kind === "space" ? "space" : text.trim();
}
