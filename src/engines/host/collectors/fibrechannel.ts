import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import { classNames, integer } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";

const info = gauge("node_fibrechannel_info", "Non-numeric data from /sys/class/fc_host/<host>, value is always 1.");

const counters: readonly (readonly [file: string, Family])[] = [
  ["dumped_frames", family("dumped_frames", "Number of dumped frames")],
  ["error_frames", family("error_frames", "Number of errors in frames")],
  ["invalid_crc_count", family("invalid_crc", "Invalid Cyclic Redundancy Check count")],
  ["rx_frames", family("rx_frames", "Number of frames received")],
  ["rx_words", family("rx_words", "Number of words received by host port")],
  ["tx_frames", family("tx_frames", "Number of frames transmitted by host port")],
  ["tx_words", family("tx_words", "Number of words transmitted by host port")],
  ["seconds_since_last_reset", family("seconds_since_last_reset", "Number of seconds since last host port reset")],
  ["invalid_tx_word_count", family("invalid_tx_words", "Number of invalid words transmitted by host port")],
  ["link_failure_count", family("link_failure", "Number of times the host port link has failed")],
  ["loss_of_sync_count", family("loss_of_sync", "Number of failures on either bit or transmission word boundaries")],
  ["loss_of_signal_count", family("loss_of_signal", "Number of times signal has been lost")],
  ["nos_count", family("nos", "Number Not_Operational Primitive Sequence received by host port")],
  ["fcp_packet_aborts", family("fcp_packet_aborts", "Number of aborted packets")],
];

const labelFiles =
  "dev_loss_tmo fabric_name port_id port_name port_state port_type speed supported_classes supported_speeds symbolic_name".split(
    " ",
  );
const identifiers = ["fabric_name", "port_id", "port_name"];

/** What an adapter says of a counter that it does not have. */
const notImplemented = 2 ** 64;

export const fibrechannel: CollectorSpec = {
  name: "fibrechannel",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const host of classNames(files, "class/fc_host")) emitHost(files, emit, host);
    };
  },
};

function emitHost(files: HostFiles, emit: Emit, host: string): void {
  const folder = `class/fc_host/${host}`;
  const labels = labelFiles.map((name): [string, string] => {
    const text = files.sys(`${folder}/${name}`) ?? "";
    return [name, identifiers.includes(name) && text.length > 2 ? text.slice("0x".length) : text];
  });
  labels.push(["fc_host", host]);
  emit(info, labels.sort(([a], [b]) => (a < b ? -1 : 1)).flat(), 1);
  for (const [file, family] of counters) {
    const value = integer(files.sys(`${folder}/statistics/${file}`) ?? "");
    if (value !== undefined && value !== notImplemented) emit(family, ["fc_host", host], value);
  }
}

function family(name: string, help: string): Family {
  return counter(`node_fibrechannel_${name}_total`, help);
}
