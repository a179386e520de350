import { join } from "node:path";
import { parseOsRelease } from "../../../formats/procfs/os-release.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge, NoData } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const info = gauge(
  "node_os_info",
  "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, " +
    "variant, variant_id, version, version_codename, version_id.",
);
const version = gauge("node_os_version", "Metric containing the major.minor part of the OS version.");
const supportEnd = gauge(
  "node_os_support_end_timestamp_seconds",
  "Metric containing the end-of-life date timestamp of the OS.",
);

const infoLabels = [
  "build_id",
  "id",
  "id_like",
  "image_id",
  "image_version",
  "name",
  "pretty_name",
  "variant",
  "variant_id",
  "version",
  "version_codename",
  "version_id",
];
const versionLabels = ["id", "id_like", "name"];

export const os: CollectorSpec = {
  name: "os",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const release = readOsRelease(files);
      const labels = (names: readonly string[]) =>
        names.flatMap((name) => [name, release.get(name.toUpperCase()) ?? ""]);
      const end = supportEndSeconds(release.get("SUPPORT_END") ?? "");
      emit(info, labels(infoLabels), 1);
      // A rolling distribution has no version, and then no series.
      const majorMinor = Number(/^[0-9]+\.?[0-9]*/.exec(release.get("VERSION_ID") ?? "")?.[0] ?? 0);
      if (majorMinor > 0) emit(version, labels(versionLabels), majorMinor);
      if (end !== undefined) emit(supportEnd, noLabels, end);
    };
  },
};

/** os-release(5): the second file is read only where the first does not exist. */
function readOsRelease(files: HostFiles): Map<string, string> {
  for (const name of ["etc/os-release", "usr/lib/os-release"]) {
    const text = files.text(join(files.paths.rootfs, name));
    if (text !== undefined) return parseOsRelease(text);
  }
  throw new NoData("there is no os-release file");
}

function supportEndSeconds(date: string): number | undefined {
  if (date === "") return undefined;
  const ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`cannot parse SUPPORT_END of os-release: ${JSON.stringify(date)} is no date`);
  return ms / 1000;
}
