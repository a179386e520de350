import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { joinContainers } from "../../../../src/engines/discovery/process/join.ts";
import { processLabels } from "../../../../src/engines/discovery/process/processes.ts";
import { labelRecord, labelsFrom } from "../../../../src/signals/labels.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const all = {
  exe: true,
  cwd: true,
  commandline: true,
  uid: true,
  username: true,
  cgroupPath: true,
  containerId: true,
};
const id = "0123456789abcdef".repeat(4);

/** A process as /proc shows it. */
function addProcess(
  procfs: string,
  pid: number,
  { exe = "/usr/bin/app", cmdline = "", uid = "1000", cgroup = "0::/\n" },
) {
  const dir = join(procfs, String(pid));
  mkdirSync(dir);
  if (exe !== "") symlinkSync(exe, join(dir, "exe"));
  symlinkSync("/srv", join(dir, "cwd"));
  writeFileSync(join(dir, "cmdline"), cmdline);
  writeFileSync(join(dir, "status"), `Name:\tapp\nUid:\t${uid}\t0\t0\t0\n`);
  writeFileSync(join(dir, "cgroup"), cgroup);
}

async function found(add: (procfs: string) => void, details = all) {
  using dir = tempDir();
  const procfs = join(dir.path, "proc");
  const passwd = join(dir.path, "passwd");
  mkdirSync(procfs);
  writeFileSync(passwd, "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n");
  add(procfs);
  return (await processLabels(details, { procfs, passwd })).map(labelRecord);
}

test("a process has all labels that Alloy gives it", async () => {
  const labels = await found((procfs) => {
    addProcess(procfs, 20, { cmdline: "app\0--flag\0a b\0", cgroup: `0::/system.slice/docker-${id}.scope\n` });
    addProcess(procfs, 3, { uid: "77", cgroup: `2:cpu,cpuacct:/a:b\n1:name=systemd:/kubepods/pod/${id}\n` });
  });
  expect(labels).toEqual([
    {
      __container_id__: id,
      __meta_cgroup_path: `/a:b|/kubepods/pod/${id}`,
      __meta_process_cwd: "/srv",
      __meta_process_exe: "/usr/bin/app",
      __meta_process_uid: "77",
      __process_pid__: "3",
    },
    {
      __container_id__: id,
      __meta_cgroup_path: `/system.slice/docker-${id}.scope`,
      __meta_process_commandline: "app --flag a b",
      __meta_process_cwd: "/srv",
      __meta_process_exe: "/usr/bin/app",
      __meta_process_uid: "1000",
      __meta_process_username: "anna",
      __process_pid__: "20",
    },
  ]);
});

test("only what is wanted is found out", async () => {
  const none = Object.fromEntries(Object.keys(all).map((name) => [name, false])) as typeof all;
  const add = (procfs: string) => addProcess(procfs, 1, { exe: "" });
  expect(await found(add, none)).toEqual([{ __process_pid__: "1" }]);
  expect(await found(add, { ...none, username: true })).toEqual([
    { __meta_process_username: "anna", __process_pid__: "1" },
  ]);
});

test("threads of the kernel, processes that ended and other files are left out", async () => {
  const labels = await found((procfs) => {
    addProcess(procfs, 2, { exe: "" });
    mkdirSync(join(procfs, "5"));
    mkdirSync(join(procfs, "sys"));
    writeFileSync(join(procfs, "7"), "");
  });
  expect(labels).toEqual([]);
});

test("processes are joined with the containers that they run in, as the page of Alloy shows", () => {
  const labels = (record: Record<string, string>) => ({ labels: labelsFrom(record) });
  const processes = [
    labelsFrom({ __process_pid__: "1", __container_id__: "c1" }),
    labelsFrom({ __process_pid__: "2" }),
    labelsFrom({ __process_pid__: "3", __container_id__: "c3" }),
    labelsFrom({ __process_pid__: "4", __container_id__: "c4" }),
  ];
  const containers = [
    labels({ pod: "1", __container_id__: "c1" }),
    labels({ pod: "2", __meta_kubernetes_pod_container_id: "containerd://c2" }),
    labels({ pod: "3", __meta_docker_container_id: "c3" }),
    labels({ pod: "no container" }),
    labels({ pod: "strange", __meta_kubernetes_pod_container_id: "odd://c4" }),
  ];
  expect(joinContainers(processes, containers).map((target) => labelRecord(target.labels))).toEqual([
    { pod: "no container" },
    { pod: "strange", __meta_kubernetes_pod_container_id: "odd://c4" },
    { __process_pid__: "1", __container_id__: "c1", pod: "1" },
    { __process_pid__: "2" },
    { __process_pid__: "3", __container_id__: "c3", __meta_docker_container_id: "c3", pod: "3" },
    { __process_pid__: "4", __container_id__: "c4" },
    { pod: "1", __container_id__: "c1" },
    { pod: "2", __meta_kubernetes_pod_container_id: "containerd://c2" },
    { pod: "3", __meta_docker_container_id: "c3" },
  ]);
});
