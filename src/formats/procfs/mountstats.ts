import { malformed, unsigned, words } from "./text.ts";

/** What /proc/<pid>/mountstats says of an NFS mount. Counters are in the order in which the kernel prints them. */
export interface NfsMountStats {
  readonly device: string;
  readonly mountPoint: string;
  /** Which of all mounts of the file it is: mountinfo has them in the same order. */
  readonly index: number;
  readonly ageSeconds: number;
  /** Eight of them (enum nfs_stat_bytecounters). */
  readonly bytes: readonly number[];
  /** 27 of them (enum nfs_stat_eventcounters). */
  readonly events: readonly number[];
  readonly transports: readonly NfsTransport[];
  readonly operations: readonly NfsOperation[];
}

export interface NfsTransport {
  readonly protocol: string;
  readonly bind: number;
  readonly connect: number;
  readonly idleSeconds: number;
  readonly sends: number;
  readonly receives: number;
  readonly badTransactionIds: number;
  readonly backlog: number;
  readonly maximumSlots: number;
  readonly sendingQueue: number;
  readonly pendingQueue: number;
}

/** Milliseconds modulo 2^53, as upstream has them: a kernel bug lets some of them run below 0. */
export interface NfsOperation {
  readonly operation: string;
  readonly requests: number;
  readonly transmissions: number;
  readonly majorTimeouts: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly queueMs: number;
  readonly responseMs: number;
  readonly requestMs: number;
}

const file = "mountstats";

/** The mounts of NFS; other kinds of file system have nothing but their `device` line. */
export function parseMountstats(text: string): NfsMountStats[] {
  const mounts = text.split(/^device /m).slice(1);
  return mounts.flatMap((mount, index) => {
    const [heading = "", ...rest] = mount.split("\n");
    const [device = "", mounted, on, mountPoint = "", withWord, fstype, type] = words(heading);
    if (mounted !== "mounted" || on !== "on" || withWord !== "with" || fstype !== "fstype") {
      throw malformed(file, `device ${heading}`);
    }
    if ((type !== "nfs" && type !== "nfs4") || !heading.includes("statvers=")) return [];
    return [{ device, mountPoint, index, ...parseStats(rest, heading) }];
  });
}

function parseStats(rows: readonly string[], heading: string): Omit<NfsMountStats, "device" | "mountPoint" | "index"> {
  const version = /statvers=(\S+)/.exec(heading)?.[1] ?? "";
  const perOperation = rows.findIndex((row) => row.trim() === "per-op statistics");
  const general = perOperation < 0 ? rows : rows.slice(0, perOperation);
  const numbersOf = (key: string, count: number): number[] => {
    const row = general.find((line) => line.trim().startsWith(key));
    if (row === undefined) return new Array(count).fill(0);
    const numbers = words(row)
      .slice(1)
      .map((word) => unsigned(word, file, row));
    if (numbers.length !== count) throw malformed(file, row);
    return numbers;
  };
  return {
    ageSeconds: numbersOf("age:", 1)[0]!,
    bytes: numbersOf("bytes:", 8),
    events: numbersOf("events:", 27),
    transports: general.filter((row) => row.trim().startsWith("xprt:")).map((row) => parseTransport(row, version)),
    operations: perOperation < 0 ? [] : rows.slice(perOperation + 1).flatMap(parseOperation),
  };
}

/** UDP has no connections, and so no columns for them; the last three came with version 1.1, and RDMA has others there. */
function parseTransport(row: string, version: string): NfsTransport {
  const [, protocol = "", ...texts] = words(row);
  const isUdp = protocol === "udp";
  const hasSlots = version !== "1.0" && protocol !== "rdma";
  const least = (isUdp ? 7 : 10) + (hasSlots ? 3 : 0);
  if (texts.length < least) throw malformed(file, row);
  const numbers = texts.map((word) => unsigned(word, file, row));
  if (isUdp) numbers.splice(2, 0, 0, 0, 0);
  const [, bind, connect, , idleSeconds, sends, receives, badTransactionIds, , backlog, ...more] = numbers;
  const [maximumSlots = 0, sendingQueue = 0, pendingQueue = 0] = hasSlots ? more : [];
  return {
    protocol,
    bind: bind!,
    connect: connect!,
    idleSeconds: idleSeconds!,
    sends: sends!,
    receives: receives!,
    badTransactionIds: badTransactionIds!,
    backlog: backlog!,
    maximumSlots,
    sendingQueue,
    pendingQueue,
  };
}

function parseOperation(row: string): NfsOperation[] {
  const [name = "", ...fields] = words(row);
  if (name === "") return [];
  if (fields.length < 8) throw malformed(file, row);
  const [requests, transmissions, majorTimeouts, bytesSent, bytesReceived] = fields.map((word) =>
    unsigned(word, file, row),
  );
  return [
    {
      operation: name.replace(/:$/, ""),
      requests: requests!,
      transmissions: transmissions!,
      majorTimeouts: majorTimeouts!,
      bytesSent: bytesSent!,
      bytesReceived: bytesReceived!,
      queueMs: modulo53(fields[5]!),
      responseMs: modulo53(fields[6]!),
      requestMs: modulo53(fields[7]!),
    },
  ];
}

function modulo53(text: string): number {
  return Number(BigInt(text) % 2n ** 53n);
}
