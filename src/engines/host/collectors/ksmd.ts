import { unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Family, gauge } from "../collector.ts";

/** Files of kernel samepage merging (Documentation/admin-guide/mm/ksm.rst). */
const families: readonly (readonly [file: string, family: Family])[] = [
  ["full_scans", counter("node_ksmd_full_scans_total", "ksmd 'full_scans' file.")],
  ...[
    "merge_across_nodes",
    "pages_shared",
    "pages_sharing",
    "pages_to_scan",
    "pages_unshared",
    "pages_volatile",
    "run",
  ].map((file) => [file, gauge(`node_ksmd_${file}`, `ksmd '${file}' file.`)] as const),
  ["sleep_millisecs", gauge("node_ksmd_sleep_seconds", "ksmd 'sleep_millisecs' file.")],
];

const folder = "kernel/mm/ksm";

export const ksmd: CollectorSpec = {
  name: "ksmd",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const [file, family] of families) {
        const text = files.sysAttribute(`${folder}/${file}`);
        const value = unsigned(text, file, text);
        emit(family, noLabels, file === "sleep_millisecs" ? value / 1000 : value);
      }
    };
  },
};
