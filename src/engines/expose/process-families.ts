import { readdirSync } from "node:fs";
import { KeptFiles } from "../../lib/kept-files.ts";
import { noLabels } from "../../signals/labels.ts";
import type { MetricFamily, MetricType } from "../../signals/metric-family.ts";

/** USER_HZ, the unit of times in /proc, is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** "No limit" as client_golang shows it: the largest 64-bit number. */
const unlimited = 2 ** 64;

/** The process_* families of Prometheus' client libraries, about this process. */
export class ProcessFamilies {
  readonly #procfs: string;
  readonly #files = new KeptFiles();
  #bootTime: number | undefined;

  /** `procfs` is where /proc is. */
  constructor(procfs: string) {
    this.#procfs = procfs;
  }

  /** Whatever cannot be read is left out: off Linux that is everything. */
  gather(): MetricFamily[] {
    const stat = this.#text("self/stat");
    const status = this.#text("self/status");
    const limits = this.#text("self/limits");
    const octets = octetsOf(this.#text("self/net/netstat"));
    this.#bootTime ??= toNumber(/^btime (\d+)$/m.exec(this.#text("stat"))?.[1]);
    return familiesOf(stat, status, limits, octets, this.#bootTime, countOf(`${this.#procfs}/self/fd`));
  }

  close(): void {
    this.#files.close();
  }

  #text(name: string): string {
    try {
      return this.#files.read(`${this.#procfs}/${name}`);
    } catch {
      return "";
    }
  }
}

function familiesOf(
  stat: string,
  status: string,
  limits: string,
  octets: { received: number; sent: number },
  bootTime: number,
  openFiles: number,
): MetricFamily[] {
  // The command, in parentheses, may hold spaces; what follows it begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => toNumber(fields[number - 3]);

  return [
    family(
      "cpu_seconds_total",
      "counter",
      "Total user and system CPU time spent in seconds.",
      (field(14) + field(15)) / ticksPerSecond,
    ),
    family("max_fds", "gauge", "Maximum number of open file descriptors.", limitOf(limits, "Max open files")),
    family(
      "network_receive_bytes_total",
      "counter",
      "Number of bytes received by the process over the network.",
      octets.received,
    ),
    family(
      "network_transmit_bytes_total",
      "counter",
      "Number of bytes sent by the process over the network.",
      octets.sent,
    ),
    family("open_fds", "gauge", "Number of open file descriptors.", openFiles),
    family("resident_memory_bytes", "gauge", "Resident memory size in bytes.", kibibytesOf(status, "VmRSS") * 1024),
    family(
      "start_time_seconds",
      "gauge",
      "Start time of the process since unix epoch in seconds.",
      bootTime + field(22) / ticksPerSecond,
    ),
    family("virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", kibibytesOf(status, "VmSize") * 1024),
    family(
      "virtual_memory_max_bytes",
      "gauge",
      "Maximum amount of virtual memory available in bytes.",
      limitOf(limits, "Max address space"),
    ),
  ].flat();
}

function countOf(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return Number.NaN;
  }
}

function family(name: string, type: MetricType, help: string, value: number): MetricFamily[] {
  const full = `process_${name}`;
  return Number.isNaN(value) ? [] : [{ name: full, type, help, samples: [{ name: full, labels: noLabels, value }] }];
}

function kibibytesOf(status: string, name: string): number {
  return toNumber(/^\s*(\d+) kB$/.exec(restOfLine(status, `\n${name}:`))?.[1]);
}

/** The soft limit. */
function limitOf(limits: string, name: string): number {
  const [, soft] = /^ +(\S+)/.exec(restOfLine(limits, `\n${name}`)) ?? [];
  return soft === "unlimited" ? unlimited : toNumber(soft);
}

/** The rest of the line that begins so; "" if there is none. */
function restOfLine(text: string, start: string): string {
  const at = text.indexOf(start);
  if (at < 0) return "";
  const end = text.indexOf("\n", at + start.length);
  return text.slice(at + start.length, end < 0 ? text.length : end);
}

/** netstat has two lines for each protocol: names, then values. The columns vary with the kernel. */
function octetsOf(netstat: string): { received: number; sent: number } {
  const [names = [], values = []] = netstat
    .split("\n")
    .filter((line) => line.startsWith("IpExt: "))
    .map((line) => line.split(" "));
  const counterOf = (name: string) => toNumber(values[names.indexOf(name)]);
  return { received: counterOf("InOctets"), sent: counterOf("OutOctets") };
}

function toNumber(text: string | undefined): number {
  return text === undefined || text === "" ? Number.NaN : Number(text);
}
