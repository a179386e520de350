import { z } from "zod";
import type { Component } from "../component.ts";
import { settingsSchemas, settingsSummaries } from "./settings.ts";
import { type WiringKey, wiringDescriptions, wiringOf } from "./wiring.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** One schema for editors: settings by name, components by the pattern of their ids. */
export function configJsonSchema(manifest: readonly Component[]): JsonSchema {
  const settings = Object.entries(settingsSchemas).map(([name, schema]) => [
    name,
    { description: settingsSummaries[name as keyof typeof settingsSummaries], ...inputSchema(schema, name) },
  ]);
  const components = manifest.map((component) => [
    `^${component.type.replaceAll(".", "\\.")}\\.[a-zA-Z0-9_-]+$`,
    componentSchema(component),
  ]);
  const shared = manifest.flatMap(({ type, config }) => Object.entries(inputSchema(config, type).$defs ?? {}));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Sonde configuration",
    type: "object",
    properties: Object.fromEntries(settings),
    patternProperties: Object.fromEntries(components),
    additionalProperties: false,
    ...(shared.length === 0 ? {} : { $defs: Object.fromEntries(shared) }),
  };
}

function componentSchema(component: Component): JsonSchema {
  const { $defs: _, ...schema } = inputSchema(component.config, component.type);
  const wiring = wiringOf(component);
  const keys = Object.entries(wiring).map(([key]) => [
    key,
    { ...idList, description: wiringDescriptions[key as WiringKey] },
  ]);
  const required = Object.entries(wiring).flatMap(([key, { required: isRequired }]) => (isRequired ? [key] : []));
  const all = [...required, ...(schema.required ?? [])];
  return {
    description: component.summary,
    ...schema,
    // A component without arguments may be written without a value.
    type: all.length === 0 ? (["object", "null"] as never) : "object",
    properties: { ...Object.fromEntries(keys), ...schema.properties },
    ...(all.length === 0 ? {} : { required: all }),
  };
}

const idList: JsonSchema = { type: "array", items: { type: "string" } };

/** The pattern of a value that comes from outside. */
export const fromOutside = "^\\$\\{";

/**
 * What a user may write. Numbers and switches may also come from outside, as `${env:…}`. What a schema uses within
 * itself is in `$defs`, under names that begin with `scope`: all components share one document.
 */
function inputSchema(schema: z.ZodType, scope: string): JsonSchema {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      delete jsonSchema.secret;
      delete jsonSchema.flag;
      if (jsonSchema.type === "integer" || jsonSchema.type === "number" || jsonSchema.type === "boolean") {
        const { description, default: fallback, ...value } = { ...jsonSchema };
        for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[key];
        Object.assign(jsonSchema, {
          ...(description === undefined ? {} : { description }),
          ...(fallback === undefined ? {} : { default: fallback }),
          anyOf: [value, { type: "string", pattern: fromOutside }],
        });
      }
    },
  });
  if ($defs === undefined) return rest;
  const scoped = Object.fromEntries(Object.entries($defs).map(([name, value]) => [`${scope}.${name}`, value]));
  const text = JSON.stringify({ ...rest, $defs: scoped });
  return JSON.parse(text.replaceAll('"$ref":"#/$defs/', `"$ref":"#/$defs/${scope}.`)) as JsonSchema;
}
