import { expect, test } from "vitest";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { fakeManifest } from "../support/fake-manifest.ts";

const schema = configJsonSchema(fakeManifest);
const [, , write, , process] = Object.values(schema.patternProperties ?? {}) as (typeof schema)[];
const scrape = schema.patternProperties?.["^metrics\\.scrape\\.[a-zA-Z0-9_-]+$"];

test("a key is a setting or a component of a known type, and nothing else", () => {
  expect(Object.keys(schema.properties ?? {})).toEqual(["logging", "http", "storage"]);
  const patterns = Object.keys(schema.patternProperties ?? {}).map((pattern) => new RegExp(pattern));
  const f = (key: string, want: number) =>
    expect(patterns.filter((pattern) => pattern.test(key)).length, key).toBe(want);
  f("metrics.scrape.host-1", 1);
  f("metrics.scrape", 0);
  f("metrics.scrape.a.b", 0);
  f("metricsxscrape.a", 0);
  expect(schema.additionalProperties).toBe(false);
});

test("the wiring is part of a component, required where it must be written", () => {
  const ids = { type: "array", items: { type: "string" } };
  expect(scrape).toMatchObject({
    properties: {
      targets: { ...ids, description: "The ids of the components whose targets it takes." },
      forward_to: { ...ids, description: "The ids of the components that get what it produces." },
      interval: { type: "string", format: "duration", default: "15s", description: "Time between two scrapes." },
    },
    required: ["forward_to"],
    additionalProperties: false,
  });
  expect(write?.properties).not.toHaveProperty("targets");
});

test("a number or a switch may come from outside", () => {
  expect(scrape).toMatchObject({
    properties: {
      limit: {
        default: 0,
        anyOf: [
          { type: "integer", minimum: 0 },
          { type: "string", pattern: "^\\$\\{" },
        ],
      },
      honor: { default: false, anyOf: [{ type: "boolean" }, { type: "string", pattern: "^\\$\\{" }] },
    },
  });
});

test("a component without arguments that must be given may be without a value", () => {
  const type = (key: string) => schema.patternProperties?.[`^${key}\\.[a-zA-Z0-9_-]+$`];
  expect(type("logs\\.write")).toMatchObject({ type: ["object", "null"] });
  expect(type("logs\\.tail")).toMatchObject({ type: "object" });
});

test("what a component's schema uses within itself is found from the root of the document", () => {
  const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]*)"/g)].map(([, name]) => name);
  expect(refs.length).toBeGreaterThan(1);
  expect(Object.keys(schema.$defs ?? {})).toEqual([...new Set(refs)]);
  expect(refs[0]).toMatch(/^logs\.process\./);
  expect(process).not.toHaveProperty("$defs");
});
