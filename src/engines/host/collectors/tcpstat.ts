import { parseSockets } from "../../../formats/procfs/udp.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import { ifThere } from "../missing.ts";

const states = gauge("node_tcp_connection_states", "Number of connection states.");

/** The kernel's enum of TCP states, which begins at 1. */
const stateNames = `
  established syn_sent syn_recv fin_wait1 fin_wait2 time_wait close close_wait last_ack listen closing`
  .trim()
  .split(/\s+/);

/**
 * States that no socket is in have no series. Upstream asks by netlink, which counts the backlog of listening sockets
 * as bytes that wait to be sent; the files do not have it.
 */
export const tcpstat: CollectorSpec = {
  name: "tcpstat",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      const counts = new Map<string, number>();
      const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count);
      for (const file of ["net/tcp", "net/tcp6"]) {
        const text = file === "net/tcp" ? files.proc(file) : ifThere(() => files.proc(file));
        for (const { state, tx, rx } of parseSockets(text ?? "", file)) {
          const name = stateNames[state - 1];
          // A connection that is not accepted yet (NEW_SYN_RECV, 12) is not a socket of its own for netlink either.
          if (name === undefined) continue;
          add(name, 1);
          add("tx_queued_bytes", tx);
          add("rx_queued_bytes", rx);
        }
      }
      for (const [state, count] of counts) emit(states, ["state", state], count);
    };
  },
};
