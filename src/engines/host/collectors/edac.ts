import { unsigned } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, counter, type Emit, type Family } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const correctable = counter("node_edac_correctable_errors_total", "Total correctable memory errors.");
const uncorrectable = counter("node_edac_uncorrectable_errors_total", "Total uncorrectable memory errors.");
const csrowCorrectable = counter(
  "node_edac_csrow_correctable_errors_total",
  "Total correctable memory errors for this csrow.",
);
const csrowUncorrectable = counter(
  "node_edac_csrow_uncorrectable_errors_total",
  "Total uncorrectable memory errors for this csrow.",
);
const channelCorrectable = counter(
  "node_edac_channel_correctable_errors_total",
  "Total correctable memory errors for this channel.",
);
const channelUncorrectable = counter(
  "node_edac_channel_uncorrectable_errors_total",
  "Total uncorrectable memory errors for this channel.",
);

const folder = "devices/system/edac/mc";

export const edac: CollectorSpec = {
  name: "edac",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const name of files.sysNames(folder)) {
        const controller = /^mc([0-9]+)$/.exec(name)?.[1];
        if (controller !== undefined) emitController(emit, files, `${folder}/${name}`, controller);
      }
    };
  },
};

function emitController(emit: Emit, files: HostFiles, path: string, controller: string): void {
  const emitCount = (family: Family, labels: readonly string[], file: string) =>
    emit(family, ["controller", controller, ...labels], readCount(files, `${path}/${file}`));
  emitCount(correctable, [], "ce_count");
  // Errors of which the controller does not know the place.
  emitCount(csrowCorrectable, ["csrow", "unknown"], "ce_noinfo_count");
  emitCount(uncorrectable, [], "ue_count");
  emitCount(csrowUncorrectable, ["csrow", "unknown"], "ue_noinfo_count");
  for (const name of files.sysNames(path)) {
    const csrow = /^csrow([0-9]+)$/.exec(name)?.[1];
    if (csrow === undefined) continue;
    emitCount(csrowCorrectable, ["csrow", csrow], `${name}/ce_count`);
    emitCount(csrowUncorrectable, ["csrow", csrow], `${name}/ue_count`);
    emitChannels(emit, files, `${path}/${name}`, controller, csrow);
  }
}

function emitChannels(emit: Emit, files: HostFiles, path: string, controller: string, csrow: string): void {
  for (const file of files.sysNames(path)) {
    const channel = /^ch([0-9]+)_ce_count$/.exec(file)?.[1];
    if (channel === undefined) continue;
    const labels = ["channel", channel, "controller", controller, "csrow", csrow, "dimm_label"];
    const dimm = dimmLabel(files.sys(`${path}/ch${channel}_dimm_label`));
    for (const [family, kind] of [
      [channelCorrectable, "ce"],
      [channelUncorrectable, "ue"],
    ] as const) {
      const count = files.sys(`${path}/ch${channel}_${kind}_count`);
      if (count !== undefined && /^[0-9]+$/.test(count)) emit(family, [...labels, dimm], Number(count));
    }
  }
}

/** Upstream makes `CPU_SrcID0` of `CPU_SrcID#0`, and sets its words apart. */
function dimmLabel(text: string | undefined): string {
  if (text === undefined) return "unknown";
  return text.replaceAll("#", "").replaceAll("csrow", "_csrow").replaceAll("channel", "_channel");
}

function readCount(files: HostFiles, name: string): number {
  const text = files.sysAttribute(name);
  return unsigned(text, name, text);
}
