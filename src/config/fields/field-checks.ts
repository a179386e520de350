/** What a check tells its findings to: the context of zod's superRefine. */
export interface Issues {
  addIssue(issue: { code: "custom"; path: (string | number)[]; message: string }): void;
}

export function issue(context: Issues, field: string, message: string): void {
  context.addIssue({ code: "custom", path: [field], message });
}

export function refuseBoth<Field extends string>(
  config: Readonly<Partial<Record<Field, unknown>>>,
  inline: Field,
  fromFile: Field,
  context: Issues,
): void {
  if (config[inline] === undefined || config[fromFile] === undefined) return;
  issue(context, fromFile, `set either ${inline} or ${fromFile}, not both`);
}
