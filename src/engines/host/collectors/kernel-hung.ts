import { unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter } from "../collector.ts";
import { orNoData } from "../missing.ts";

const hungTasks = counter(
  "node_kernel_hung_tasks_total",
  "Total number of tasks that have been detected as hung since the system booted.",
);

const file = "sys/kernel/hung_task_detect_count";

export const kernelHung: CollectorSpec = {
  name: "kernel_hung",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      // The kernel counts them since 6.13, if it looks for them at all.
      const text = orNoData("count of hung tasks", () => files.proc(file)).trim();
      emit(hungTasks, noLabels, unsigned(text, file, text));
    };
  },
};
