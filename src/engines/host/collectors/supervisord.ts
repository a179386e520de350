import type { XmlRpcValue } from "../../../formats/procfs/xml-rpc.ts";
import { type CollectorSpec, counter, type Emit, gauge } from "../collector.ts";
import { callXmlRpc } from "../xml-rpc-call.ts";

const up = gauge("node_supervisord_up", "Process Up");
const state = gauge("node_supervisord_state", "Process State");
const exitStatus = gauge("node_supervisord_exit_status", "Process Exit Status");
const startTime = counter("node_supervisord_start_time_seconds", "Process start time");

/** STARTING, RUNNING, STOPPING. */
const runningStates = [10, 20, 40];

export const supervisord: CollectorSpec = {
  name: "supervisord",
  enabledByDefault: false,

  create({ clock }, options) {
    return async (emit) => {
      const processes = await callXmlRpc(options.supervisord.url, "supervisor.getAllProcessInfo", clock);
      if (!Array.isArray(processes)) throw new Error("supervisord answers with what is no list of processes");
      for (const process of processes as readonly XmlRpcValue[]) {
        if (process instanceof Map) emitProcess(emit, process);
      }
    };
  },
};

function emitProcess(emit: Emit, process: ReadonlyMap<string, XmlRpcValue>): void {
  const number = (name: string) => Number(process.get(name) ?? 0);
  const labels = ["group", String(process.get("group") ?? ""), "name", String(process.get("name") ?? "")];
  const isRunning = runningStates.includes(number("state"));
  emit(state, labels, number("state"));
  emit(exitStatus, labels, number("exitstatus"));
  emit(up, labels, isRunning ? 1 : 0);
  if (isRunning) emit(startTime, labels, number("start"));
}
