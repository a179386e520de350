import { expect, test } from "vitest";
import { type MdDevice, parseMdstat } from "../../../src/formats/procfs/mdstat.ts";

const only = (text: string): MdDevice => {
  const devices = parseMdstat(`Personalities : [raid1]\n${text}\nunused devices: <none>\n`);
  expect(devices).toHaveLength(1);
  return devices[0]!;
};

test("a device at rest is in sync", () => {
  expect(only("md0 : active raid1 sda1[0] sdb1[1]\n      1024 blocks super 1.2 [2/2] [UU]\n\n")).toEqual({
    name: "md0",
    activity: "active",
    disks: { active: 2, failed: 0, spare: 0, total: 2 },
    blocks: 1024,
    blocksSynced: 1024,
  });
});

test("the line of what the kernel does may stand before or behind that of the bitmap", () => {
  const first = "md0 : active raid1 sdc1[2](F) sda1[0] sdd1[3](S)\n      1024 blocks [2/1] [U_]\n";
  const sync = "      [=>...]  recovery =  8.5% (512/1024) finish=1.0min speed=1K/sec\n";
  const bitmap = "      bitmap: 1/1 pages [4KB], 65536KB chunk\n";
  const want = { activity: "recovering", blocksSynced: 512, disks: { active: 1, failed: 1, spare: 1, total: 2 } };
  expect(only(`${first}${sync}${bitmap}\n`)).toMatchObject(want);
  expect(only(`${first}${bitmap}${sync}\n`)).toMatchObject(want);
});

test("each kind of work is a state", () => {
  const f = (sync: string, activity: string, blocksSynced: number) =>
    expect(only(`md0 : active raid1 sda1[0]\n      1024 blocks [1/1] [U]\n      ${sync}\n\n`)).toMatchObject({
      activity,
      blocksSynced,
    });

  f("[=>...]  resync = 5.0% (51/1024) finish=1min speed=1K/sec", "resyncing", 51);
  f("[=>...]  check = 5.0% (51/1024) finish=1min speed=1K/sec", "checking", 51);
  f("[=>...]  reshape = 5.0% (51/1024) finish=1min speed=1K/sec", "reshaping", 51);
  f("resync=PENDING", "resyncing", 0);
  f("resync=DELAYED", "resyncing", 0);
});

test("stripes need every disk, and an inactive device none", () => {
  expect(only("md0 : active raid0 sda1[0] sdb1[1]\n      1024 blocks 64k chunks\n\n").disks).toMatchObject({
    active: 2,
    total: 2,
  });
  expect(only("md126 : inactive sda[0](S) sdb[1](S)\n      7932 blocks super external:imsm\n\n")).toMatchObject({
    activity: "inactive",
    disks: { active: 0, total: 0, spare: 2 },
    blocks: 7932,
  });
  expect(only("md0 : active (auto-read-only) raid1 sda1[0]\n      1024 blocks [1/1] [U]\n\n").activity).toBe("active");
});

test("a machine without devices has none", () => {
  expect(parseMdstat("Personalities : \nunused devices: <none>\n")).toEqual([]);
  expect(parseMdstat("")).toEqual([]);
});

test("what cannot be understood is refused with the line", () => {
  expect(() => parseMdstat("md0 : broken\n")).toThrow('cannot parse mdstat: unexpected line "md0 : broken"');
  expect(() => parseMdstat("md0 : active raid1 sda1[0]\n      no blocks\n\n")).toThrow("cannot parse mdstat");
  expect(() => parseMdstat("md0 : active raid1 sda1[0]\n      1024 blocks\n\n")).toThrow("cannot parse mdstat");
  expect(() => parseMdstat("md0 : active raid1 sda1[0]\n      1024 blocks [1/1] [U]\n      recovery = 1%\n")).toThrow(
    "cannot parse mdstat",
  );
});
