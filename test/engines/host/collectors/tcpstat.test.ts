import { expect, test } from "vitest";
import { filesOf, fixtureExporter, gathered, metalFixture } from "../fixture-host.ts";

test("sockets of both families are counted by state", async () => {
  const { exporter } = fixtureExporter(["tcpstat"], { files: filesOf(metalFixture) });
  expect(await gathered(exporter, "node_tcp_connection_states")).toEqual([
    'node_tcp_connection_states{state="established"} 2',
    'node_tcp_connection_states{state="listen"} 2',
    'node_tcp_connection_states{state="rx_queued_bytes"} 4',
    'node_tcp_connection_states{state="time_wait"} 1',
    'node_tcp_connection_states{state="tx_queued_bytes"} 21',
  ]);
  exporter.close();
});
