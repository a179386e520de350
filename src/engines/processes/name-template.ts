/** What a group's name may be made of; each is read only when a name asks for it. */
export interface NameParts {
  readonly comm: () => string;
  readonly exeBase: () => string;
  readonly exeFull: () => string;
  readonly username: () => string;
  readonly pid: () => string;
  readonly startTime: () => string;
  readonly cgroups: () => string;
  readonly matches: ReadonlyMap<string, string>;
}

export type NameTemplate = (parts: NameParts) => string;

const fields: Readonly<Record<string, (parts: NameParts) => string>> = {
  Comm: ({ comm }) => comm(),
  ExeBase: ({ exeBase }) => exeBase(),
  ExeFull: ({ exeFull }) => exeFull(),
  Username: ({ username }) => username(),
  PID: ({ pid }) => pid(),
  StartTime: ({ startTime }) => startTime(),
  Cgroups: ({ cgroups }) => cgroups(),
};

/**
 * A name as process-exporter writes it: text with `{{.Comm}}`, `{{.ExeBase}}`, …, `{{.Matches.Name}}`. Of Go's templates
 * this is all that a name can use. Throws an Error that says what is wrong with the text.
 */
export function compileNameTemplate(text: string): NameTemplate {
  const parts = text.split(/\{\{(.*?)\}\}/s).map((part, at) => {
    if (at % 2 === 1) return compileField(part.trim());
    if (part.includes("{{")) throw new Error("`{{` is not closed");
    return () => part;
  });
  return (from) => parts.map((part) => part(from)).join("");
}

function compileField(action: string): (parts: NameParts) => string {
  const [, field = "", capture] = /^\.([A-Za-z]+)(?:\.([A-Za-z0-9_]+))?$/.exec(action) ?? [];
  if (field === "Matches" && capture !== undefined) return ({ matches }) => matches.get(capture) ?? "<no value>";
  const compiled = capture === undefined ? fields[field] : undefined;
  if (compiled !== undefined) return compiled;
  const known = Object.keys(fields).map((name) => `{{.${name}}}`);
  throw new Error(`\`{{${action}}}\` is unknown; there are ${known.join(", ")} and {{.Matches.<name>}}`);
}
