import { compileTemplate, type GoTemplate } from "../../../formats/log-line/go-template.ts";
import { setExtracted } from "../entry.ts";
import { changing, readOption, type StageKind } from "../stage.ts";

export interface TemplateOptions {
  /** The extracted value that it sets; an empty result takes it away. */
  readonly source: string;
  /** `.Value` is the value before, `.Entry` the line, and other names are extracted values. */
  readonly template: string;
}

export const template: StageKind<TemplateOptions> = {
  name: "template",
  create({ source, template: text }, { clock }) {
    const fill = readOption(["template"], "a template", () => compileTemplate(text, { now: () => clock.now() }));
    return changing((entry) => {
      const data: Record<string, string> = Object.assign(Object.create(null), entry.extracted);
      if (entry.extracted[source] !== undefined) data.Value = entry.extracted[source];
      data.Entry = entry.line;
      const result = filled(fill, data);
      if (result !== undefined) setExtracted(entry, source, result || undefined);
    });
  },
};

/** Undefined where the template cannot be filled in: the value then stays as it is. */
function filled(fill: GoTemplate, data: Readonly<Record<string, string>>): string | undefined {
  try {
    return fill(data);
  } catch {
    return undefined;
  }
}
