/** What a template is made of, as Go's text/template/parse has it. `at` is the place in the source. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | { readonly kind: "if" | "with" | "range"; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes }
  | { readonly kind: "break" | "continue" }
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined; readonly at: number };

export type Nodes = readonly Node[];

/** `$x := a b | c d`: the value of each command is the last argument of the next. */
export interface Pipe {
  /** Of the variables that get the value; two only in a range, for its key and its element. */
  readonly variables: readonly string[];
  /** `=` in place of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

/** An operand by itself, or a function with its arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: "dot" | "nil"; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  | { readonly kind: "number"; readonly value: NumberLiteral; readonly at: number }
  | { readonly kind: "function"; readonly name: string; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly fields: readonly string[]; readonly at: number }
  | { readonly kind: "field"; readonly fields: readonly string[]; readonly at: number }
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly fields: readonly string[]; readonly at: number };

/** A constant of no type yet: 1 is a float where one is wanted, and 1.0 an integer. */
export interface NumberLiteral {
  readonly integer: bigint | undefined;
  readonly float: number;
  /** What it is where any type will do. */
  readonly ideal: bigint | number;
}

/** A template and those that it defines, by name; "" is the template itself. */
export type Templates = ReadonlyMap<string, Nodes>;
