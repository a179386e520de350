import { parseLoadavg } from "../../../formats/procfs/loadavg.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

export const load1 = gauge("node_load1", "1m load average.");
export const load5 = gauge("node_load5", "5m load average.");
export const load15 = gauge("node_load15", "15m load average.");

export const loadavg: CollectorSpec = {
  name: "loadavg",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const [one, five, fifteen] = parseLoadavg(files.proc("loadavg"));
      emit(load1, noLabels, one);
      emit(load5, noLabels, five);
      emit(load15, noLabels, fifteen);
    };
  },
};
