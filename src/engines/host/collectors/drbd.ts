import { parseDrbd } from "../../../formats/procfs/drbd.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge, NoData } from "../collector.ts";
import { errorCode } from "../error-code.ts";
import type { HostFiles } from "../host-files.ts";

const kibi = 1024;

/** Keys with numbers, and what they are in. */
const numbers: Readonly<Record<string, readonly [Family, number]>> = {
  ns: [counter("node_drbd_network_sent_bytes_total", "Total number of bytes sent via the network."), kibi],
  // KiB too, but not scaled upstream.
  nr: [counter("node_drbd_network_received_bytes_total", "Total number of bytes received via the network."), 1],
  dw: [counter("node_drbd_disk_written_bytes_total", "Net data written on local hard disk; in bytes."), kibi],
  dr: [counter("node_drbd_disk_read_bytes_total", "Net data read from local hard disk; in bytes."), kibi],
  al: [
    counter("node_drbd_activitylog_writes_total", "Number of updates of the activity log area of the meta data."),
    1,
  ],
  bm: [counter("node_drbd_bitmap_writes_total", "Number of updates of the bitmap area of the meta data."), 1],
  lo: [gauge("node_drbd_local_pending", "Number of open requests to the local I/O sub-system."), 1],
  pe: [
    gauge(
      "node_drbd_remote_pending",
      "Number of requests sent to the peer, but that have not yet been answered by the latter.",
    ),
    1,
  ],
  ua: [
    gauge(
      "node_drbd_remote_unacknowledged",
      "Number of requests received by the peer via the network connection, but that have not yet been answered.",
    ),
    1,
  ],
  ap: [
    gauge(
      "node_drbd_application_pending",
      "Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.",
    ),
    1,
  ],
  ep: [gauge("node_drbd_epochs", "Number of Epochs currently on the fly."), 1],
  oos: [gauge("node_drbd_out_of_sync_bytes", "Amount of data known to be out of sync; in bytes."), kibi],
};

/** Keys with a word for this node and one for its peer, and the word that is well. */
const pairs: Readonly<Record<string, readonly [Family, string]>> = {
  ro: [gauge("node_drbd_node_role_is_primary", "Whether the role of the node is in the primary state."), "Primary"],
  ds: [gauge("node_drbd_disk_state_is_up_to_date", "Whether the disk of the node is up to date."), "UpToDate"],
};

const connected = gauge("node_drbd_connected", "Whether DRBD is connected to the peer.");

export const drbd: CollectorSpec = {
  name: "drbd",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const { name, values } of parseDrbd(readDrbd(files))) {
        for (const [key, text] of values) emitValue(emit, name, key, text);
      }
    };
  },
};

function emitValue(emit: Emit, device: string, key: string, text: string): void {
  if (key === "cs") emit(connected, ["device", device], text === "Connected" ? 1 : 0);
  const [number, factor = 1] = numbers[key] ?? [];
  if (number !== undefined) emit(number, ["device", device], Number(text) * factor);
  const [pair, well] = pairs[key] ?? [];
  if (pair === undefined) return;
  const [local, remote] = text.split("/");
  emit(pair, ["device", device, "node", "local"], local === well ? 1 : 0);
  emit(pair, ["device", device, "node", "remote"], remote === well ? 1 : 0);
}

function readDrbd(files: HostFiles): string {
  try {
    return files.proc("drbd");
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw new NoData("DRBD is not loaded");
    throw error;
  }
}
