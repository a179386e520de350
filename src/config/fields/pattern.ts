import { z } from "zod";
import { describeError } from "../../lib/errors.ts";
import { compileRe2 } from "../../lib/re2.ts";

/** A regular expression of RE2's syntax, as text. */
export const pattern = z.string().superRefine((text, context) => {
  try {
    compileRe2(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `not a regular expression (RE2): ${describeError(error)}` });
  }
});

export const exclusive = "include and exclude cannot be set together: remove one of them";
