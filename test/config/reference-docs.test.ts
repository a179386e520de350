import { expect, test } from "vitest";
import { z } from "zod";
import { counter, defineComponent } from "../../src/component.ts";
import { duration, secret } from "../../src/config/fields.ts";
import { componentReference, referencePages } from "../../src/config/reference-docs.ts";
import { fakeManifest } from "../support/fake-manifest.ts";

const component = defineComponent({
  type: "metrics.copy",
  summary: "Copies metrics.",
  description: "More | than that.",
  accepts: "metrics",
  emits: "metrics",
  metrics: { copies: counter("copies_total", "Samples copied.", ["kind"]) },
  config: z.strictObject({
    url: z.string().describe("Where to."),
    interval: duration.prefault("5s").describe("How often."),
    mode: z.enum(["a", "b"]).default("a").describe("One | the other."),
    auth: z
      .strictObject({ password: secret.optional().describe("Password.") })
      .optional()
      .describe("Who."),
    rules: z
      .array(z.strictObject({ regex: z.string().describe("Pattern.") }))
      .default([])
      .describe("Rules."),
    labels: z.record(z.string(), z.string()).default({}).describe("Labels."),
  }),
  example: "metrics.copy.x: { url: u }\n",
  create: () => ({ input: { receive: () => Promise.resolve() } }),
});

test("a page says what a component does, takes, and counts", () => {
  expect(componentReference(component)).toBe(`# metrics.copy

Copies metrics.

More | than that.

Accepts metrics. Emits metrics.

## Example

\`\`\`yaml
metrics.copy.x: { url: u }
\`\`\`

## Arguments

| name | type | default | description |
| --- | --- | --- | --- |
| \`forward_to\` | list of ids | required | The ids of the components that get what it produces. |
| \`url\` | text | required | Where to. |
| \`interval\` | duration | \`5s\` | How often. |
| \`mode\` | \`a\`, \`b\` | \`a\` | One \\| the other. |
| \`auth\` | mapping |  | Who. |
| \`auth.password\` | text |  | Password. |
| \`rules\` | list of mappings | \`[]\` | Rules. |
| \`rules[].regex\` | text | required | Pattern. |
| \`labels\` | mapping of text | \`{}\` | Labels. |

## Self-metrics

Batches, records, drops, receive time, restarts and health are counted for every component as \`sonde_component_*\`. Beyond those:

| name | type | what it counts |
| --- | --- | --- |
| \`sonde_metrics_copy_copies_total\` | counter by kind | Samples copied. |
`);
});

test("what may hold itself is followed once", () => {
  const names = [...(componentReference(fakeManifest[4]!).matchAll(/^\| `([^`]*)`/gm) ?? [])].map(([, name]) => name);
  expect(names).toEqual([
    "forward_to",
    "stages",
    "stages[].drop",
    "stages[].match",
    "stages[].match.selector",
    "stages[].match.stages",
  ]);
});

test("there is a page for each component, one for the settings, and an index; each says that it is generated", () => {
  const pages = referencePages(fakeManifest);
  expect([...pages.keys()]).toEqual(["README.md", "settings.md", ...fakeManifest.map(({ type }) => `${type}.md`)]);
  for (const [name, text] of pages) expect(text.split("\n")[0], name).toMatch(/^<!-- Generated .* -->$/);
  expect(pages.get("README.md")).toContain("| [logs.tail](logs.tail.md) |  | logs | Stands for logs.tail. |");
});
