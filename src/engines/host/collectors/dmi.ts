import { type CollectorSpec, gauge, NoData } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const info = gauge(
  "node_dmi_info",
  "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, " +
    "board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, " +
    "chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, " +
    "product_version, system_vendor if provided by DMI.",
);

/** Labels are called like the attributes but for the last one. */
const attributes = `
  bios_date bios_release bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version
  chassis_asset_tag chassis_serial chassis_vendor chassis_version product_family product_name product_serial product_sku
  product_uuid product_version sys_vendor`
  .trim()
  .split(/\s+/);

const folder = "class/dmi/id";

export const dmi: CollectorSpec = {
  name: "dmi",
  enabledByDefault: true,

  create({ files }) {
    // Firmware does not change under a running kernel.
    let labels: readonly string[] | undefined;
    return (emit) => {
      labels ??= readLabels(files);
      emit(info, labels, 1);
    };
  },
};

/** Serial numbers and the UUID are for root only: without it their labels are not there. */
function readLabels(files: HostFiles): readonly string[] {
  if (!files.hasSys(folder)) throw new NoData("this host has no DMI");
  return attributes.flatMap((attribute) => {
    const value = files.sys(`${folder}/${attribute}`);
    return value === undefined ? [] : [attribute === "sys_vendor" ? "system_vendor" : attribute, value];
  });
}
