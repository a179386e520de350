import type { z } from "zod";
import { parseYaml } from "../../lib/yaml.ts";
import { webConfig } from "./web-config.ts";

/** Throws an Error that says in one line what is wrong with the file. */
export function parseWebConfig(text: string): z.output<typeof webConfig> {
  const result = webConfig.safeParse(parseYaml(text));
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(describeIssue).join("; "));
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const text = message.charAt(0).toLowerCase() + message.slice(1);
  return path.length === 0 ? text : `${path.join(".")}: ${text}`;
}
