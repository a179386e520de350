import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type Labels, labelsFrom } from "../../../signals/labels.ts";

/** What is found out about a process; each costs a file. */
export interface ProcessDetails {
  readonly exe: boolean;
  readonly cwd: boolean;
  readonly commandline: boolean;
  readonly uid: boolean;
  readonly username: boolean;
  readonly cgroupPath: boolean;
  readonly containerId: boolean;
}

export interface ProcessPlaces {
  readonly procfs: string;
  /** `/etc/passwd`. */
  readonly passwd: string;
}

/**
 * The processes of this machine with Alloy's labels. One whose details may not be read, or that has ended meanwhile, is left
 * out, and so are threads of the kernel, which have no executable.
 */
export async function processLabels(details: ProcessDetails, { procfs, passwd }: ProcessPlaces): Promise<Labels[]> {
  const users = details.username ? parsePasswd(await readFile(passwd, "utf8").catch(() => "")) : new Map();
  const pids = (await readdir(procfs)).filter((name) => /^[0-9]+$/.test(name)).sort((a, b) => Number(a) - Number(b));
  const found: Labels[] = [];
  for (const pid of pids) {
    const labels = await labelsOf(pid, details, procfs, users).catch(unreadable);
    if (labels !== undefined) found.push(labels);
  }
  return found;
}

async function labelsOf(
  pid: string,
  details: ProcessDetails,
  procfs: string,
  users: ReadonlyMap<string, string>,
): Promise<Labels> {
  const at = (name: string) => join(procfs, pid, name);
  const uid = details.uid || details.username ? parseUid(await readFile(at("status"), "latin1")) : "";
  const cgroup = details.cgroupPath || details.containerId ? await readFile(at("cgroup"), "utf8") : "";
  return labelsFrom({
    __process_pid__: pid,
    __meta_process_exe: details.exe ? await readlink(at("exe")) : "",
    __meta_process_cwd: details.cwd ? await readlink(at("cwd")) : "",
    __meta_process_commandline: details.commandline ? parseCommandLine(await readFile(at("cmdline"), "utf8")) : "",
    __meta_process_uid: details.uid ? uid : "",
    __meta_process_username: users.get(uid) ?? "",
    __meta_cgroup_path: details.cgroupPath ? parseCgroupPaths(cgroup) : "",
    __container_id__: details.containerId ? parseContainerId(cgroup) : "",
  });
}

/** What is wrong with one process says nothing about the others. */
function unreadable(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && ["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(code)) return undefined;
  throw error;
}

/** The arguments are separated, and ended, by NUL. */
function parseCommandLine(text: string): string {
  return text.replace(/\0+$/, "").replaceAll("\0", " ");
}

/** The real one, which is the first of four. */
function parseUid(status: string): string {
  return /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? "";
}

/** One path of cgroup v2; of v1 the paths of all controllers. */
function parseCgroupPaths(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.split(":").slice(2).join(":")).join("|");
}

const containerIdLength = 64;

/**
 * Container runtimes give each container a cgroup of its own, and its id, 64 hexadecimal digits, is the end of that cgroup's
 * name; systemd appends `.scope`. What a container makes of cgroups itself lies below.
 */
function parseContainerId(text: string): string {
  const names = text.split("\n").flatMap((line) => line.split("/").reverse());
  const ends = names.map((name) => name.replace(/\.scope$/, "").slice(-containerIdLength));
  return ends.find((end) => /^[0-9a-f]{64}$/.test(end)) ?? "";
}

function parsePasswd(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name = "", , uid = ""] = line.split(":");
    if (!users.has(uid)) users.set(uid, name);
  }
  return users;
}
