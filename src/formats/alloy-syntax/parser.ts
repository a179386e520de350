import { AlloyError, type Attribute, type Block, type Expression, type SourceRange, type Statement } from "./syntax.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** A file of Alloy's configuration language. Throws an AlloyError at the first mistake. */
export function parseAlloy(text: string): Statement[] {
  const parser = new Parser(tokensOf(text));
  return parser.body("end");
}

/** From the weakest to the strongest; `^` alone goes from right to left. */
const precedence: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
  ["^"],
];

const maxDepth = 200;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Inside brackets a line may end anywhere. */
  #brackets = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  body(closing: "end" | "}"): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      while (this.#takes(";"));
      if (closing === "end" ? this.#token.kind === "end" : this.#isSign("}")) break;
      statements.push(this.#statement());
      if (!this.#token.startsLine && !this.#isSign("}") && !this.#isSign(";")) {
        throw this.#mistake(`a new line was expected before \`${this.#token.text}\``);
      }
    }
    this.#at++;
    return statements;
  }

  #statement(): Attribute | Block {
    const first = this.#name("the name of an attribute or a block");
    if (this.#takes("=")) {
      return {
        kind: "attribute",
        name: first.text,
        nameRange: first.range,
        value: this.#outside(() => this.#expression()),
      };
    }
    let name = first.text;
    while (this.#takes(".")) name += `.${this.#name("a name").text}`;
    const label = this.#token.kind === "string" ? this.#next() : undefined;
    const last = label ?? this.#tokens[this.#at - 1] ?? first;
    const length =
      last.range.line === first.range.line ? last.range.column + last.range.length - first.range.column : 1;
    const range = { ...first.range, length };
    if (!this.#takes("{")) throw this.#mistake(`\`=\` or \`{\` was expected after \`${name}\``);
    return {
      kind: "block",
      name,
      label: label?.text,
      body: this.#outside(() => this.#nested(() => this.body("}"))),
      range,
    };
  }

  #expression(level = 0): Expression {
    return this.#nested(() => this.#binary(level));
  }

  #binary(level: number): Expression {
    const operators = precedence[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#isSign(each));
      if (operator === undefined || this.#endsHere) return left;
      this.#at++;
      const right = operator === "^" ? this.#binary(level) : this.#binary(level + 1);
      left = { kind: "binary", operator, left, right, range: left.range };
    }
  }

  #unary(): Expression {
    const operator = ["!", "-"].find((each) => this.#isSign(each));
    if (operator === undefined) return this.#postfix();
    const { range } = this.#next();
    return { kind: "unary", operator, operand: this.#nested(() => this.#unary()), range };
  }

  #postfix(): Expression {
    let found = this.#primary();
    while (!this.#endsHere) {
      if (this.#takes(".")) {
        const { text, range } = this.#name("the name of a field");
        found = { kind: "field", of: found, name: text, range: joined(found.range, range) };
      } else if (this.#takes("[")) {
        const index = this.#inside(() => this.#expression());
        this.#expect("]");
        found = { kind: "index", of: found, index, range: found.range };
      } else if (this.#takes("(")) {
        found = { kind: "call", callee: found, args: this.#list(")"), range: found.range };
      } else {
        break;
      }
    }
    return found;
  }

  #primary(): Expression {
    const token = this.#next();
    const { kind, text, range } = token;
    if (kind === "string") return { kind: "literal", value: text, range };
    if (kind === "number") return { kind: "literal", value: Number(text), range };
    if (kind === "name") {
      return text in words
        ? { kind: "literal", value: words[text] ?? null, range }
        : { kind: "name", name: text, range };
    }
    if (kind === "sign" && text === "[") return { kind: "array", items: this.#list("]"), range };
    if (kind === "sign" && text === "{") return { kind: "object", fields: this.#fields(), range };
    if (kind === "sign" && text === "(") {
      const found = this.#inside(() => this.#expression());
      this.#expect(")");
      return found;
    }
    this.#at--;
    throw this.#mistake(`a value was expected, found \`${text}\``);
  }

  #list(closing: string): Expression[] {
    return this.#inside(() => {
      const items: Expression[] = [];
      while (!this.#takes(closing)) {
        items.push(this.#expression());
        if (!this.#takes(",")) {
          this.#expect(closing);
          break;
        }
      }
      return items;
    });
  }

  #fields(): { name: string; value: Expression }[] {
    return this.#inside(() => {
      const fields: { name: string; value: Expression }[] = [];
      while (!this.#takes("}")) {
        const token = this.#next();
        if (token.kind !== "name" && token.kind !== "string") {
          this.#at--;
          throw this.#mistake(`the name of a field was expected, found \`${token.text}\``);
        }
        this.#expect("=");
        fields.push({ name: token.text, value: this.#expression() });
        if (!this.#takes(",")) {
          this.#expect("}");
          break;
        }
      }
      return fields;
    });
  }

  #inside<T>(parse: () => T): T {
    this.#brackets++;
    const found = parse();
    this.#brackets--;
    return found;
  }

  /** A block within brackets cannot be: lines count again. */
  #outside<T>(parse: () => T): T {
    const before = this.#brackets;
    this.#brackets = 0;
    const found = parse();
    this.#brackets = before;
    return found;
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) throw this.#mistake(`nested more than ${maxDepth} levels deep`);
    const found = parse();
    this.#depth--;
    return found;
  }

  get #token(): Token {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("there is always an end");
    return token;
  }

  get #endsHere(): boolean {
    return this.#brackets === 0 && this.#token.startsLine;
  }

  #next(): Token {
    const token = this.#token;
    this.#at++;
    return token;
  }

  #isSign(text: string): boolean {
    return this.#token.kind === "sign" && this.#token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#isSign(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#mistake(`\`${text}\` was expected before \`${this.#token.text}\``);
  }

  #name(what: string): Token {
    if (this.#token.kind === "name") return this.#next();
    throw this.#mistake(`${what} was expected, found \`${this.#token.text}\``);
  }

  #mistake(message: string): AlloyError {
    return new AlloyError(message, this.#token.range);
  }
}

const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function joined(from: SourceRange, to: SourceRange): SourceRange {
  return from.line === to.line ? { ...from, length: to.column + to.length - from.column } : from;
}
