import { type Mount, parseMountinfo } from "../../../formats/procfs/mountinfo.ts";
import { type NfsMountStats, parseMountstats } from "../../../formats/procfs/mountstats.ts";
import { utf8 } from "../../../formats/procfs/text.ts";
import type { CollectorSpec, Emit } from "../collector.ts";
import { age, bytes, events, mountPointInfo, operations, transports } from "../mountstats-metrics.ts";

/** What the mounts of NFS have done; other file systems keep no such statistics. */
export const mountstats: CollectorSpec = {
  name: "mountstats",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      const mounts = parseMountstats(utf8(files.proc("self/mountstats", "latin1")));
      const addresses = parseMountinfo(files.proc("self/mountinfo", "latin1")).map(addressOf);
      const seen = new Set<string>();
      for (const mount of mounts) emitMount(emit, mount, addresses[mount.index] ?? "", seen);
    };
  },
};

function addressOf({ superOptions }: Mount): string {
  return superOptions.find((option) => option.startsWith("addr="))?.slice("addr=".length) ?? "";
}

/** One export that is mounted in several places shares its statistics: they are shown once. */
function emitMount(emit: Emit, mount: NfsMountStats, mountaddr: string, seen: Set<string>): void {
  for (const { protocol } of mount.transports) {
    const labels = ["export", mount.device, "mountaddr", mountaddr];
    const place = [...labels, "mountpoint", mount.mountPoint, "protocol", protocol];
    if (isFirst(seen, place)) emit(mountPointInfo, place, 1);
    if (!isFirst(seen, [...labels, protocol])) return;
    emitStats(emit, mount, labels, protocol);
  }
}

function emitStats(emit: Emit, mount: NfsMountStats, exported: readonly string[], protocol: string): void {
  const labels = [...exported, "protocol", protocol];
  emit(age, labels, mount.ageSeconds);
  for (const [at, family] of bytes.entries()) emit(family, labels, mount.bytes[at]!);
  for (const [at, family] of events.entries()) if (family !== undefined) emit(family, labels, mount.events[at]!);
  for (const [number, transport] of mount.transports.entries()) {
    const withTransport = [...labels, "transport", String(number)];
    for (const [key, family] of transports) emit(family, withTransport, transport[key]);
  }
  for (const operation of mount.operations) {
    const withOperation = [...exported, "operation", operation.operation, "protocol", protocol];
    for (const [key, divisor, family] of operations) emit(family, withOperation, operation[key] / divisor);
  }
}

function isFirst(seen: Set<string>, parts: readonly string[]): boolean {
  const key = parts.join("\0");
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
