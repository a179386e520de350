import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { exporterTarget } from "../../signals/targets.ts";

export const prometheusExporterSelf = defineComponent({
  type: "prometheus.exporter.self",
  summary: "Offers the agent's own metrics as a target.",
  description:
    "The same families as the agent's own `/metrics` page: what each component received, sent and dropped, its health, " +
    "the state of the config, and the process itself.",
  emits: "targets",
  config: z.strictObject({}),
  example: `
prometheus.exporter.self.agent: {}

prometheus.expose.local:
  targets: [prometheus.exporter.self.agent]
`,

  create(_config, { id, output, world }) {
    const target = exporterTarget(id, "self", world.hostname, world.gatherSelf);

    return {
      async run(stop) {
        await output.receive([{ source: id, targets: [target] }]);
        await untilAborted(stop);
      },
    };
  },
});
