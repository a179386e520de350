import { expect, test } from "vitest";
import type { Clock } from "../../../src/lib/clock.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { DbusConnection, DbusError } from "../../../src/lib/dbus/connection.ts";
import type { Received, Typed } from "../../support/dbus-peer.ts";
import { type Answer, fakeBus } from "../../support/fake-bus.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function open(address: string, { clock = systemClock as Clock, isBus = true } = {}) {
  return DbusConnection.open({ address, isBus, deadlineMs: 1000, clock, uid: process.getuid?.() ?? 0 });
}

const call = (member: string, ...args: string[]) => ({
  ...{ destination: "org.example", path: "/org/example", interface: "org.example.I", member, args },
});

/** Answers a call with the text of its arguments. */
const echo = ({ member, args }: Received): Answer => [["s", [member, ...args].join(" ")]];

test("many calls travel together, and each gets the answer to its own question", async () => {
  await using bus = await fakeBus({ answer: echo });
  using connection = await open(bus.address);
  const members = Array.from({ length: 500 }, (_, n) => `M${n}`);
  const answers = await Promise.all(members.map((member) => connection.call(call(member, "a", "ü"))));
  expect(answers).toEqual(members.map((member) => [`${member} a ü`]));
  expect(bus.complaints).toEqual([]);
});

test("replies may come in any pieces and beside signals", async () => {
  const bytewise = (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]));
  await using bus = await fakeBus({ answer: echo, cut: bytewise });
  using connection = await open(bus.address);
  expect(await Promise.all([connection.call(call("A")), connection.call(call("B", ""))])).toEqual([["A"], ["B "]]);
  expect(bus.complaints).toEqual([]);
});

test("all types come through", async () => {
  const body: Typed[] = [
    ["y", 255],
    ["b", 1],
    ["n", -2],
    ["q", 65535],
    ["i", -70000],
    ["u", 4000000000],
    ["x", -(2n ** 60n)],
    ["t", 2n ** 64n - 1n],
    ["d", 0.1],
    ["s", "text"],
    ["o", "/path"],
    ["g", "a(so)"],
    ["v", ["u", 7]],
    [
      "a(so)",
      [
        ["seat0", "/s0"],
        ["", "/s1"],
      ],
    ],
    ["as", []],
    ["a(t)", []],
    ["v", ["as", ["a", "b"]]],
  ];
  await using bus = await fakeBus({ answer: () => body });
  using connection = await open(bus.address);
  expect(await connection.call(call("All"))).toEqual([
    ...[255, true, -2, 65535, -70000, 4000000000, -(2n ** 60n), 2n ** 64n - 1n, 0.1, "text", "/path", "a(so)", 7],
    [
      ["seat0", "/s0"],
      ["", "/s1"],
    ],
    [],
    [],
    ["a", "b"],
  ]);
});

test("an error is the answer to one call, and the others go on", async () => {
  await using bus = await fakeBus({ answer: (call) => (call.member === "Bad" ? "org.example.Error.No" : echo(call)) });
  using connection = await open(bus.address);
  const [bad, good] = await Promise.allSettled([connection.call(call("Bad")), connection.call(call("Good"))]);
  expect(bad).toEqual({ status: "rejected", reason: new DbusError("org.example.Error.No", "no") });
  expect(good).toEqual({ status: "fulfilled", value: ["Good"] });
});

test("a bus that says nothing is left at the deadline", async () => {
  const clock = new FakeClock();
  await using bus = await fakeBus({ answer: () => undefined });
  using connection = await open(bus.address, { clock });
  const asked = connection.call(call("A")).catch((error: Error) => error.message);
  await clock.advance(1000);
  expect(await asked).toBe("no answer within 1 s");
  expect(clock.pending).toBe(0);
});

test("a peer that is no bus is not greeted", async () => {
  await using bus = await fakeBus({ answer: echo, isBus: false });
  using connection = await open(bus.address, { isBus: false });
  expect(await connection.call(call("A"))).toEqual(["A"]);
  expect(bus.complaints).toEqual([]);
});

test("the first address that works is taken; if none does, the first failure is told", async () => {
  await using bus = await fakeBus({ answer: echo });
  using connection = await open(`tcp:host=127.0.0.1;unix:path=/no%20where;${bus.address}`);
  expect(await connection.call(call("A"))).toEqual(["A"]);
  await expect(open("unix:path=/no%20where")).rejects.toMatchObject({
    message: "cannot connect to the system bus",
    cause: { message: "connect ENOENT /no where" },
  });
  await expect(open("tcp:host=127.0.0.1")).rejects.toMatchObject({ cause: 'no unix socket in "tcp:host=127.0.0.1"' });
});

test("a refusal, and an answer that is no D-Bus, are told", async () => {
  await using refusing = await fakeBus({ answer: echo, authAnswer: "REJECTED EXTERNAL" });
  await expect(open(refusing.address)).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/^the bus does not accept user \d+: REJECTED EXTERNAL$/) },
  });
  const garbage = Buffer.alloc(64, "x");
  await using broken = await fakeBus({
    answer: echo,
    isBus: false,
    cut: (bytes) => [bytes[0] === 0x6c ? garbage : bytes],
  });
  using connection = await open(broken.address, { isBus: false });
  await expect(connection.call(call("A"))).rejects.toMatchObject({
    cause: { message: "what came is no D-Bus message" },
  });
});

test("closing tells those who wait", async () => {
  await using bus = await fakeBus({ answer: () => undefined });
  const connection = await open(bus.address);
  const asked = connection.call(call("A")).catch((error: Error) => error.message);
  connection[Symbol.dispose]();
  expect(await asked).toBe("the connection was closed");
  await expect(connection.call(call("B"))).rejects.toThrow("the connection was closed");
});
