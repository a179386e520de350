import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCode } from "../../../src/engines/host/error-code.ts";
import { HostFiles } from "../../../src/engines/host/host-files.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { openBelow } from "./fixture-host.ts";

function filesIn(path: string): HostFiles {
  return new HostFiles({ procfs: path, sysfs: path, rootfs: path, udevData: path });
}

test("a file of procfs is read anew each time through one descriptor", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "stat"), "first");
  expect(files.proc("stat")).toBe("first");
  writeFileSync(join(dir.path, "stat"), "second, longer");
  expect(files.proc("stat")).toBe("second, longer");
  writeFileSync(join(dir.path, "stat"), "third");
  expect(files.proc("stat")).toBe("third");
  expect(openBelow(dir.path)).toBe(1);
  files.close();
  expect(openBelow(dir.path)).toBe(0);
});

test("after close a read still works and keeps nothing open", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  files.close();
  writeFileSync(join(dir.path, "stat"), "late");
  expect(files.proc("stat")).toBe("late");
  expect(openBelow(dir.path)).toBe(0);
});

test("a descriptor whose process is gone is opened anew", async () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  const child = spawn("cat");
  const path = join(dir.path, "mountinfo");
  symlinkSync(`/proc/${child.pid}/stat`, path);
  expect(files.proc("mountinfo")).toContain(`${child.pid} (`);
  child.stdin.end();
  await once(child, "close");
  rmSync(path);
  writeFileSync(path, "of another process");
  expect(files.proc("mountinfo")).toBe("of another process");
  files.close();
});

test("the real procfs gives fresh content", () => {
  const files = new HostFiles({ procfs: "/proc", sysfs: "/sys", rootfs: "/", udevData: "/run/udev/data" });
  const name = files.proc("self/comm");
  writeFileSync("/proc/self/comm", "sonde-test");
  expect(files.proc("self/comm")).toBe("sonde-test\n");
  writeFileSync("/proc/self/comm", name.trim());
  expect(files.proc("self/comm")).toBe(name);
  files.close();
});

test("a file longer than the buffer is read whole", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  const long = "0123456789abcdef".repeat(20_000);
  writeFileSync(join(dir.path, "long"), long);
  expect(files.proc("long")).toBe(long);
  writeFileSync(join(dir.path, "short"), "short");
  expect(files.proc("short")).toBe("short");
  files.close();
});

test("bytes that are no text can be had as a byte string", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "mountinfo"), Buffer.from([0x2f, 0xe9]));
  expect(files.proc("mountinfo", "latin1")).toBe("/\xe9");
  files.close();
});

test("a file that is missing fails with its path, and is found once it is there", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  let error: unknown;
  try {
    files.proc("loadavg");
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ message: `cannot read ${join(dir.path, "loadavg")}` });
  expect(errorCode(error)).toBe("ENOENT");
  writeFileSync(join(dir.path, "loadavg"), "1");
  expect(files.proc("loadavg")).toBe("1");
  files.close();
});

test("an attribute of sysfs is its first 128 bytes, trimmed, or nothing", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "count"), " 42\n");
  writeFileSync(join(dir.path, "endless"), "x".repeat(500));
  expect(files.sys("count")).toBe("42");
  expect(files.sys("endless")).toBe("x".repeat(128));
  expect(files.sys("missing")).toBeUndefined();
  expect(files.sys(".")).toBeUndefined();
  expect(openBelow(dir.path)).toBe(0);
});

test("names of a folder come sorted, and none of a folder that is not there", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  for (const name of ["cpu10", "cpu2", "cpu0"]) writeFileSync(join(dir.path, name), "");
  expect(files.sysNames(".")).toEqual(["cpu0", "cpu10", "cpu2"]);
  expect(files.sysNames("missing")).toEqual([]);
});

test("an ordinary file is read anew by its name", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  const path = join(dir.path, "os-release");
  expect(files.text(path)).toBeUndefined();
  writeFileSync(path, "ID=é");
  expect(files.text(path)).toBe("ID=é");
  rmSync(path);
  expect(files.text(path)).toBeUndefined();
  expect(() => files.text(dir.path)).toThrow(`cannot read ${dir.path}`);
});

test("what is read once keeps nothing open", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "stats"), "x".repeat(500));
  writeFileSync(join(dir.path, "bytes"), Buffer.from([0x20, 0x61, 0xff, 0xfe, 0x62, 0x0a]));
  expect(files.procOnce("stats")).toBe("x".repeat(500));
  expect(files.sysOnce("stats")).toBe("x".repeat(500));
  expect(files.sysAttribute("stats")).toBe("x".repeat(128));
  expect(files.sysAttribute("bytes")).toBe("a\uFFFDb");
  expect(() => files.sysAttribute("missing")).toThrow(`cannot read ${join(dir.path, "missing")}`);
  expect(() => files.procOnce("missing")).toThrow(`cannot read ${join(dir.path, "missing")}`);
  expect(openBelow(dir.path)).toBe(0);
});

test("an attribute can be read off the event loop", async () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "stats"), "x".repeat(500));
  expect(await files.sysLater("stats")).toBe("x".repeat(128));
  await expect(files.sysLater("missing")).rejects.toThrow(`cannot read ${join(dir.path, "missing")}`);
  files.close();
  expect(openBelow(dir.path)).toBe(0);
});

test("a class has folders and links among its files", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  mkdirSync(join(dir.path, "lo"));
  symlinkSync("lo", join(dir.path, "eth0"));
  writeFileSync(join(dir.path, "bonding_masters"), "");
  expect(files.sysFolders(".")).toEqual(["eth0", "lo"]);
  expect(files.procNames(".")).toEqual(["bonding_masters", "eth0", "lo"]);
  expect([files.hasSys("lo"), files.hasSys("missing")]).toEqual([true, false]);
  expect(() => files.sysFolders("missing")).toThrow("ENOENT");
  expect(() => files.procNames("missing")).toThrow("ENOENT");
});

test("an attribute that is kept gives fresh content from one descriptor", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  writeFileSync(join(dir.path, "mtu"), "1500\n");
  expect(files.sysKept(".")("mtu", [])).toBe("1500");
  writeFileSync(join(dir.path, "mtu"), "9000\n");
  expect(files.sysKept(".")("mtu", [])).toBe("9000");
  expect(openBelow(dir.path)).toBe(1);
  expect(() => files.sysKept(".")("missing", ["EINVAL"])).toThrow(`cannot read ${join(dir.path, "missing")}`);
  expect(files.sysKept(".")("missing", ["ENOENT"])).toBeUndefined();
  files.close();
  expect(openBelow(dir.path)).toBe(0);
  expect(files.sysKept(".")("mtu", [])).toBe("9000");
  expect(openBelow(dir.path)).toBe(0);
});

test("attributes of devices that come and go do not pile up", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  for (let device = 0; device < 1500; device++) {
    writeFileSync(join(dir.path, `mtu${device}`), `${device}\n`);
    expect(files.sysKept(".")(`mtu${device}`, [])).toBe(String(device));
  }
  expect(openBelow(dir.path)).toBe(1500 - 1024);
  files.close();
  expect(openBelow(dir.path)).toBe(0);
});

test("after a rename an attribute is read of the device that has the name now", () => {
  using dir = tempDir();
  const files = filesIn(dir.path);
  const at = (device: string) => join(dir.path, device);
  const addDevice = (device: string, mtu: string) => {
    mkdirSync(at(device));
    writeFileSync(join(at(device), "mtu"), mtu);
  };
  const mtuOf = (device: string) => files.sysKept(device)("mtu", ["ENOENT"]);
  addDevice("eth0", "1500");
  addDevice("eth1", "9000");
  expect([mtuOf("eth0"), mtuOf("eth1")]).toEqual(["1500", "9000"]);
  renameSync(at("eth0"), at("lan0"));
  renameSync(at("eth1"), at("eth0"));
  expect([mtuOf("eth0"), mtuOf("eth1"), mtuOf("lan0")]).toEqual(["9000", undefined, "1500"]);
  expect(openBelow(dir.path)).toBe(2);
  rmSync(at("eth0"), { recursive: true });
  expect(mtuOf("eth0")).toBeUndefined();
  addDevice("eth0", "1400");
  expect(mtuOf("eth0")).toBe("1400");
  files.close();
  expect(openBelow(dir.path)).toBe(0);
});
