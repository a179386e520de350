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

const exclusive = "include and exclude cannot be set together: remove one of them";

/** The fields `<name>_include` and `<name>_exclude`, of which one may be set. */
export function filterFields<Name extends string>(name: Name, things: string) {
  return {
    [`${name}_include`]: pattern.optional().describe(`Only these ${things}.`),
    [`${name}_exclude`]: pattern.optional().describe(`Not these ${things}.`),
  } as Record<`${Name}_include` | `${Name}_exclude`, z.ZodOptional<typeof pattern>>;
}

/** For `refine`. */
export function notBoth(name: string): [check: (block: object) => boolean, problem: { path: string[]; error: string }] {
  const isSet = (block: object, field: string) => Boolean((block as Record<string, unknown>)[field]);
  return [
    (block) => !(isSet(block, `${name}_include`) && isSet(block, `${name}_exclude`)),
    { path: [`${name}_exclude`], error: exclusive },
  ];
}
