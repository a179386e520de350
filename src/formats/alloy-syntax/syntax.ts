/** Line and column count from one; the length is that of the part on the first line. */
export interface SourceRange {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export type Statement = Attribute | Block;

export interface Attribute {
  readonly kind: "attribute";
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly value: Expression;
}

/** `prometheus.scrape "apps" { … }` */
export interface Block {
  readonly kind: "block";
  /** With its dots. */
  readonly name: string;
  readonly label: string | undefined;
  readonly body: readonly Statement[];
  /** Of name and label. */
  readonly range: SourceRange;
}

export type Expression = { readonly range: SourceRange } & (
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly fields: readonly { readonly name: string; readonly value: Expression }[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "field"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Expression[] }
  | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
);

/** A mistake in a config of Alloy's, with its place. */
export class AlloyError extends Error {
  readonly range: SourceRange;

  constructor(message: string, range: SourceRange) {
    super(message);
    this.range = range;
  }
}
