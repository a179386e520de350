import { z } from "zod";
import { labelsFrom } from "../../signals/labels.ts";
import type { Target } from "../../signals/targets.ts";

/** `static_configs` of prometheus.yml: targets that the config itself names. */
export const staticConfigs = z
  .array(
    z.strictObject({
      targets: z.array(z.string()).describe("Hosts and ports."),
      labels: z.record(z.string(), z.string()).default({}).describe("Labels of these targets."),
    }),
  )
  .default([]);

export function targetsOf(configs: z.output<typeof staticConfigs>): Target[] {
  return configs.flatMap(({ targets, labels }) =>
    targets.map((address) => ({ labels: labelsFrom({ ...labels, __address__: address }) })),
  );
}
