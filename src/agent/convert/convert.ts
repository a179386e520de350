import { type ConfigFile, parseConfigFile } from "../../config/parse.ts";
import { convertAlloy } from "./alloy/alloy.ts";
import type { Conversion, Origin, Surroundings } from "./conversion.ts";
import { convertNodeExporter } from "./node-exporter/node-exporter.ts";
import { convertPrometheus } from "./prometheus/prometheus.ts";
import { convertPromtail } from "./promtail/promtail.ts";

type Converter = (path: string, text: string, surroundings: Surroundings) => Conversion;

/** A config of another agent's as one of Sonde's, with what has no equal. Relative paths start at the folder of `path`. */
export function convert(origin: Origin, path: string, text: string, surroundings: Surroundings): Conversion {
  return converters[origin](path, text, surroundings);
}

const converters: Readonly<Record<Origin, Converter>> = {
  prometheus: ofYaml(convertPrometheus),
  promtail: ofYaml(convertPromtail),
  alloy: (path, text, surroundings) => convertAlloy([{ path, text }], surroundings),
  node_exporter: convertNodeExporter,
};

function ofYaml(convertFile: (file: ConfigFile, surroundings: Surroundings) => Conversion): Converter {
  return (path, text, surroundings) => {
    const { file, diagnostics } = parseConfigFile(path, text);
    if (file === undefined || diagnostics.length > 0) return { files: [], diagnostics };
    return convertFile(file, surroundings);
  };
}
