/** A mistake of the user's, and what to do about it. */
export interface Diagnostic {
  readonly severity: "error";
  readonly message: string;
  readonly hint?: string;
  readonly place?: Place;
}

/** A part of one line of a config file; line and column count from one. */
export interface Place {
  /** As it was given, or found below the folder that was. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The lines of the file, to show the mistake in its surroundings. */
  readonly lines: readonly string[];
}

export function mistake(message: string, place?: Place, hint?: string): Diagnostic {
  return {
    severity: "error",
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { place }),
  };
}
