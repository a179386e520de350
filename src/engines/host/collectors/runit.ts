import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRunitStatus, type RunitStatus } from "../../../formats/procfs/runit.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const state = gauge("node_service_state", "State of runit service.");
const desiredState = gauge("node_service_desired_state", "Desired state of runit service.");
const normalState = gauge("node_service_normal_state", "Normal state of runit service.");
const changed = gauge(
  "node_service_state_last_change_timestamp_seconds",
  "Unix timestamp of the last runit service state change.",
);

export const runit: CollectorSpec = {
  name: "runit",
  enabledByDefault: false,

  create(_host, options) {
    const { serviceDir } = options.runit;
    return (emit) => {
      for (const service of readdirSync(serviceDir).sort()) {
        const status = readStatus(join(serviceDir, service));
        if (status === undefined) continue;
        const labels = ["service", service, "supervisor", "runit"];
        emit(state, labels, status.state);
        emit(desiredState, labels, status.desired);
        emit(changed, labels, status.changed);
        // runsv looks for it one folder above; what upstream reports is this.
        emit(normalState, labels, existsSync(join(serviceDir, service, "supervise/down")) ? 0 : 1);
      }
    };
  },
};

/** Undefined where no supervisor runs, or where it may not be looked at. */
function readStatus(folder: string): RunitStatus | undefined {
  try {
    return parseRunitStatus(readFileSync(join(folder, "supervise/status")));
  } catch {
    return undefined;
  }
}
