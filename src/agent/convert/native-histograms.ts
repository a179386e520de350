import type { YamlEntry } from "../../lib/yaml.ts";
import type { Draft } from "./draft.ts";
import { entry, literal } from "./nodes.ts";

/**
 * The fields of a prometheus.scrape, with native histograms where classic ones become such. In Prometheus 3.5 those are a
 * flag of the process, without which nothing is left of the converted ones.
 */
export function withNativeHistograms(fields: readonly YamlEntry[], id: string, draft: Draft): readonly YamlEntry[] {
  const isOn = ({ value }: YamlEntry) => value.kind === "scalar" && value.value === true;
  const conversion = fields.find((field) => field.key === conversionKey && isOn(field));
  if (conversion === undefined) return fields;
  const others = fields.filter(({ key }) => key !== nativeKey);
  if (fields.some((field) => field.key === nativeKey && isOn(field))) return fields;
  const why = `it needs ${nativeKey}, and an endpoint with protobuf_message: io.prometheus.write.v2.Request`;
  draft.find("note", `${conversionKey}: ${why}`, conversion.keyRange, id);
  const native = entry(nativeKey, literal(true, conversion.value.range), conversion.keyRange);
  return others.flatMap((field) => (field === conversion ? [field, native] : field));
}

const conversionKey = "convert_classic_histograms_to_nhcb";
const nativeKey = "scrape_native_histograms";
