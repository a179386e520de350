import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { components } from "../src/components/index.ts";
import { configJsonSchema } from "../src/config/json-schema.ts";
import { loadConfig } from "../src/config/load.ts";
import { referencePages } from "../src/config/reference-docs.ts";
import { renderDiagnostics } from "../src/config/render.ts";
import { root } from "./support/sonde.ts";

/** Values that the examples take from outside. */
const env = { HOSTNAME: "vm" };

/** The mistakes of a config that stands in a document; "" when it has none. */
function mistakesOf(text: string): string {
  const environment = { env, readFile: () => text };
  const loaded = loadConfig(join(root, "configs/quickstart.yaml"), components, environment);
  return loaded.ok ? "" : renderDiagnostics(loaded.diagnostics);
}

test("the generated documents are up to date (npm run docs)", () => {
  for (const [name, text] of referencePages(components)) {
    expect(readFileSync(join(root, "docs/reference", name), "utf8"), name).toBe(text);
  }
  const schema = readFileSync(join(root, "configs/sonde.schema.json"), "utf8");
  expect(schema).toBe(`${JSON.stringify(configJsonSchema(components), null, 2)}\n`);
});

test("every config that is shipped is valid", () => {
  const files = globSync("configs/*.yaml", { cwd: root });
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect(mistakesOf(readFileSync(join(root, file), "utf8")), file).toBe("");
});

test("every YAML block in the documents is a valid config, or says that it is a fragment", () => {
  const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: root })];
  const blocks = documents.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => ({ file, block }));
  });
  expect(blocks.length).toBeGreaterThan(components.length);
  for (const { file, block } of blocks) expect(mistakesOf(block), `${file}:\n${block}`).toBe("");
});

test("every component's file is where its type says, and its example is valid", () => {
  for (const { type, example } of components) {
    const [family, ...name] = type.split(".");
    const path = `src/components/${family}/${name.join("-").replaceAll("_", "-")}.ts`;
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(mistakesOf(example), type).toBe("");
    expect(example, type).toContain(`${type}.`);
  }
});

test("every field of every component is described", () => {
  const schema = configJsonSchema(components);
  const missing = [
    ...undescribed(schema.properties ?? {}, ""),
    ...Object.entries(schema.patternProperties ?? {}).flatMap(([id, component]) => undescribed(component, id)),
  ];
  expect(missing).toEqual([]);
});

/** The paths of all properties below a schema that have no description. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== "properties") return undescribed(value, `${path}/${key}`);
    return Object.entries(value as Record<string, { description?: string }>).flatMap(([name, field]) => {
      const here = `${path}.${name}`;
      return [...(field.description ? [] : [here]), ...undescribed(field, here)];
    });
  });
}
