import type { Arch } from "./node-binary.ts";

/** What every kind of package says of Sonde. */
export interface Product {
  readonly name: string;
  readonly version: string;
  readonly arch: Arch;
  readonly summary: string;
  /** Lines of at most 78 characters; an empty one parts two paragraphs. */
  readonly description: readonly string[];
  readonly maintainer: string;
  readonly license: string;
  /** The time of the commit, in seconds: the only time that is in a package. */
  readonly at: number;
  /** How hard to compress: 1 to 19. */
  readonly level: number;
}
