import { expect, test } from "vitest";
import { parseMountstats } from "../../../src/formats/procfs/mountstats.ts";

const rows = (...lines: string[]) => lines.map((line) => `\t${line}\n`).join("");

const events = `events: ${Array.from({ length: 27 }, (_none, at) => at).join(" ")}`;

test("only mounts of NFS have statistics, and each knows which of all mounts it is", () => {
  const text = `device proc mounted on /proc with fstype proc\ndevice h:/x mounted on /mnt/x with fstype nfs4 statvers=1.1\n${rows(
    "age:	5",
    "bytes: 1 2 3 4 5 6 7 8",
    events,
    "xprt: tcp 900 1 2 3 4 5 6 7 8 9 10 11 12",
    "per-op statistics",
    "READ: 1 2 3 4 5 6 7 8 9",
  )}\n`;
  expect(parseMountstats(text)).toEqual([
    {
      device: "h:/x",
      mountPoint: "/mnt/x",
      index: 1,
      ageSeconds: 5,
      bytes: [1, 2, 3, 4, 5, 6, 7, 8],
      events: Array.from({ length: 27 }, (_none, at) => at),
      transports: [
        {
          protocol: "tcp",
          bind: 1,
          connect: 2,
          idleSeconds: 4,
          sends: 5,
          receives: 6,
          badTransactionIds: 7,
          backlog: 9,
          maximumSlots: 10,
          sendingQueue: 11,
          pendingQueue: 12,
        },
      ],
      operations: [
        {
          operation: "READ",
          requests: 1,
          transmissions: 2,
          majorTimeouts: 3,
          bytesSent: 4,
          bytesReceived: 5,
          queueMs: 6,
          responseMs: 7,
          requestMs: 8,
        },
      ],
    },
  ]);
});

const transport = (row: string, version = "1.1") =>
  parseMountstats(`device h:/x mounted on /mnt/x with fstype nfs statvers=${version}\n${rows(row)}`)[0]?.transports[0];

test("each transport has columns of its own", () => {
  expect(transport("xprt: udp 900 1 2 3 4 5 6 7 8 9")).toMatchObject({
    bind: 1,
    connect: 0,
    idleSeconds: 0,
    sends: 2,
    backlog: 6,
    maximumSlots: 7,
    pendingQueue: 9,
  });
  expect(transport("xprt: tcp 900 1 2 3 4 5 6 7 8 9", "1.0")).toMatchObject({ backlog: 9, maximumSlots: 0 });
  expect(transport("xprt: rdma 0 0 1 2 3 4 5 6 7 8 91 92 93 94 95 96 97 98 99 100")).toMatchObject({
    backlog: 8,
    maximumSlots: 0,
  });
  expect(() => transport("xprt: tcp 900 1 2")).toThrow("cannot parse mountstats");
});

test("times that ran below 0 are taken modulo 2^53", () => {
  const text = `device h:/x mounted on /mnt/x with fstype nfs statvers=1.1\n${rows("per-op statistics", "ACCESS: 0 0 0 0 0 18446744073709551615 1 2")}`;
  expect(parseMountstats(text)[0]?.operations[0]).toMatchObject({ queueMs: 2 ** 53 - 1, responseMs: 1 });
});

test("a line of another form is refused", () => {
  const f = (text: string) => expect(() => parseMountstats(text)).toThrow("cannot parse mountstats");

  f("device h:/x mounted at /mnt/x with fstype nfs statvers=1.1\n");
  f(`device h:/x mounted on /mnt/x with fstype nfs statvers=1.1\n${rows("bytes: 1 2")}`);
  f(`device h:/x mounted on /mnt/x with fstype nfs statvers=1.1\n${rows("per-op statistics", "READ: 1")}`);
});
