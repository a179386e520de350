import { expect, test } from "vitest";
import { parseSockets, parseUdpQueues } from "../../../src/formats/procfs/udp.ts";

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";
const row = (state: string, queues: string) => `   0: 00000000:0016 00000000:0000 ${state} ${queues} 00:00000000\n`;

test("the queues of all sockets are summed", () => {
  expect(parseUdpQueues(heading + row("07", "00000015:00000001") + row("07", "00000001:FFFFFFFF"), "net/udp")).toEqual({
    tx: 0x16,
    rx: 2 ** 32,
  });
  expect(parseUdpQueues(heading, "net/udp")).toEqual({ tx: 0, rx: 0 });
  expect(parseUdpQueues("", "net/udp")).toEqual({ tx: 0, rx: 0 });
});

test("a socket has a state", () => {
  expect([...parseSockets(heading + row("0A", "00000000:00000002"), "net/tcp")]).toEqual([{ state: 10, tx: 0, rx: 2 }]);
});

test("a row of another form is refused", () => {
  expect(() => parseUdpQueues(`${heading}x\n`, "net/udp")).toThrow("cannot parse net/udp");
  expect(() => parseUdpQueues(heading + row("07", "00000015"), "net/udp")).toThrow("cannot parse net/udp");
  expect(() => parseUdpQueues(heading + row("07", "1:2:3"), "net/udp")).toThrow("cannot parse net/udp");
});
