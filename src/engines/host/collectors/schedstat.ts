import { parseSchedstat } from "../../../formats/procfs/schedstat.ts";
import { type CollectorSpec, counter } from "../collector.ts";
import { orNoData } from "../missing.ts";

const running = counter("node_schedstat_running_seconds_total", "Number of seconds CPU spent running a process.");
const waiting = counter(
  "node_schedstat_waiting_seconds_total",
  "Number of seconds spent by processing waiting for this CPU.",
);
const timeslices = counter("node_schedstat_timeslices_total", "Number of timeslices executed by CPU.");

const nanosecondsPerSecond = 1e9;

export const schedstat: CollectorSpec = {
  name: "schedstat",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const stat of parseSchedstat(orNoData("statistics of the scheduler", () => files.proc("schedstat")))) {
        const labels = ["cpu", stat.cpu];
        emit(running, labels, stat.runningNanoseconds / nanosecondsPerSecond);
        emit(waiting, labels, stat.waitingNanoseconds / nanosecondsPerSecond);
        emit(timeslices, labels, stat.timeslices);
      }
    };
  },
};
