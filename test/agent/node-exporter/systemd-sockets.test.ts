import { expect, test } from "vitest";
import { systemdSockets } from "../../../src/agent/node-exporter/systemd-sockets.ts";

test("the sockets of systemd are those for this process", () => {
  expect(systemdSockets({ LISTEN_PID: "7", LISTEN_FDS: "2" }, 7)).toEqual([3, 4]);
  expect(systemdSockets({ LISTEN_PID: "8", LISTEN_FDS: "2" }, 7)).toEqual([]);
  expect(systemdSockets({ LISTEN_PID: "7", LISTEN_FDS: "x" }, 7)).toEqual([]);
  expect(systemdSockets({}, 7)).toEqual([]);
});
