import { parseConfigFile } from "../../config/parse.ts";
import type { Conversion, Origin, Surroundings } from "./conversion.ts";
import { convertPrometheus } from "./prometheus/prometheus.ts";

/** A config of another agent's as one of Sonde's, with what has no equal. `path` is where relative paths start. */
export function convert(origin: Origin, path: string, text: string, surroundings: Surroundings): Conversion {
  if (origin !== "prometheus") return { files: [], diagnostics: [] };
  const { file, diagnostics } = parseConfigFile(path, text);
  if (file === undefined || diagnostics.length > 0) return { files: [], diagnostics };
  return convertPrometheus(file, surroundings);
}
