import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeClock } from "../../../support/fake-clock.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixtureExporter, fixtureFiles, gathered, someStats } from "../fixture-host.ts";

function mountinfo(procfs: string, process: string, ...lines: string[]): void {
  mkdirSync(join(procfs, process), { recursive: true });
  writeFileSync(join(procfs, process, "mountinfo"), `${lines.join("\n")}\n`, "latin1");
}

test("the mounts of this process stand in where those of the first one are hidden", async () => {
  using dir = tempDir();
  mountinfo(dir.path, "self", "1 0 8:1 / /mine rw - ext4 /dev/sda1 rw");
  const { exporter } = fixtureExporter(["filesystem"], { files: fixtureFiles({ procfs: dir.path, rootfs: "/" }) });
  expect(await gathered(exporter, "node_filesystem_mount_info")).toEqual([
    'node_filesystem_mount_info{device="/dev/sda1",major="8",minor="1",mountpoint="/mine"} 1',
  ]);
  exporter.close();
});

test("a mount that cannot be asked shows the error and nothing else", async () => {
  using dir = tempDir();
  mountinfo(dir.path, "1", "1 0 0:51 / /mnt/nfs ro - nfs4 server:/export ro");
  const { exporter } = fixtureExporter(["filesystem"], {
    files: fixtureFiles({ procfs: dir.path, rootfs: "/" }),
    statfs: () => Promise.reject(Object.assign(new Error("ESTALE"), { errno: -116 })),
  });
  const labels = 'device="server:/export",device_error="stale NFS file handle",fstype="nfs4",mountpoint="/mnt/nfs"';
  expect(await gathered(exporter, "node_filesystem")).toEqual([
    `node_filesystem_device_error{${labels}} 1`,
    `node_filesystem_readonly{${labels}} 1`,
  ]);
  exporter.close();
});

test("a mount that does not answer is reported after the timeout, and the scrape goes on", async () => {
  using dir = tempDir();
  mountinfo(dir.path, "1", "1 0 8:1 / / rw - ext4 /dev/sda1 rw", "2 1 0:51 / /mnt/nfs ro - nfs4 server:/export ro");
  const clock = new FakeClock();
  let asked = 0;
  const { exporter } = fixtureExporter(["filesystem"], {
    clock,
    files: fixtureFiles({ procfs: dir.path, rootfs: "/" }),
    statfs(path) {
      if (path.toString() === "/") return Promise.resolve(someStats);
      asked++;
      return new Promise(() => {});
    },
  });
  const nfs = 'device="server:/export",device_error="mountpoint timeout",fstype="nfs4",mountpoint="/mnt/nfs"';
  const first = gathered(exporter, "node_filesystem_");
  await clock.advance(5000);
  const want = expect.arrayContaining([
    `node_filesystem_device_error{${nfs}} 1`,
    `node_filesystem_readonly{${nfs}} 0`,
    'node_filesystem_size_bytes{device="/dev/sda1",device_error="",fstype="ext4",mountpoint="/"} 4.096e+06',
  ]);
  expect(await first).toEqual(want);
  expect(await gathered(exporter, "node_filesystem_")).toEqual(want);
  expect(asked).toBe(1);
  exporter.close();
});

test("below rootfs_path mounts are asked there and named as the host names them", async () => {
  using dir = tempDir();
  mountinfo(
    dir.path,
    "1",
    "1 0 8:1 / /host rw - ext4 /dev/sda1 rw",
    "2 1 8:2 / /host/data rw - ext4 /dev/sda2 rw",
    "3 1 8:3 / /other rw - ext4 /dev/sda3 rw",
  );
  const asked: string[] = [];
  const { exporter } = fixtureExporter(["filesystem"], {
    files: fixtureFiles({ procfs: dir.path, rootfs: "/host" }),
    statfs(path) {
      asked.push(path.toString());
      return Promise.resolve(someStats);
    },
  });
  await exporter.gather({});
  expect(asked).toEqual(["/host/", "/host/data", "/host/other"]);
  expect(await gathered(exporter, "node_filesystem_mount_info")).toEqual([
    'node_filesystem_mount_info{device="/dev/sda1",major="8",minor="1",mountpoint="/"} 1',
    'node_filesystem_mount_info{device="/dev/sda2",major="8",minor="2",mountpoint="/data"} 1',
    'node_filesystem_mount_info{device="/dev/sda3",major="8",minor="3",mountpoint="/other"} 1',
  ]);
  exporter.close();
});

test("a mount point that is not UTF-8 is asked by its bytes and shown with one replacement character", async () => {
  using dir = tempDir();
  mountinfo(dir.path, "1", "1 0 8:1 / /caf\xe9\xe8 rw - vfat /dev/sdb1 rw");
  const asked: Buffer[] = [];
  const { exporter } = fixtureExporter(["filesystem"], {
    files: fixtureFiles({ procfs: dir.path, rootfs: "/" }),
    statfs(path) {
      asked.push(path);
      return Promise.resolve(someStats);
    },
  });
  expect(await gathered(exporter, "node_filesystem_mount_info")).toEqual([
    'node_filesystem_mount_info{device="/dev/sdb1",major="8",minor="1",mountpoint="/caf\uFFFD"} 1',
  ]);
  expect(asked).toEqual([Buffer.from("/caf\xe9\xe8", "latin1")]);
  exporter.close();
});

test("what is mounted twice in one place has each series once", async () => {
  using dir = tempDir();
  mountinfo(
    dir.path,
    "1",
    "1 0 0:22 / /run rw - tmpfs tmpfs rw",
    "2 0 0:23 / /run ro - tmpfs tmpfs ro",
    "3 0 0:22 / /run rw - tmpfs tmpfs rw",
  );
  const { exporter } = fixtureExporter(["filesystem"], { files: fixtureFiles({ procfs: dir.path, rootfs: "/" }) });
  const families = await exporter.gather({});
  const values = (family: string) =>
    families.find(({ name }) => name === family)?.samples.map(({ labels, value }) => `${labels.join(" ")} = ${value}`);
  expect(values("node_filesystem_readonly")).toEqual(["device tmpfs device_error  fstype tmpfs mountpoint /run = 0"]);
  expect(values("node_filesystem_mount_info")).toEqual([
    "device tmpfs major 0 minor 22 mountpoint /run = 1",
    "device tmpfs major 0 minor 23 mountpoint /run = 1",
  ]);
  exporter.close();
});
