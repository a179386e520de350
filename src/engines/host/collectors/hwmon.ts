import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { type Chip, findChips } from "../hwmon-chips.ts";
import { type Sensor, sensorMetrics, sensorOf } from "../hwmon-sensors.ts";
import { orNoData } from "../missing.ts";
import type { HostOptions } from "../options.ts";

const chipNames = gauge("node_hwmon_chip_names", "Annotation metric for human-readable chip names");
const sensorLabel = gauge("node_hwmon_sensor_label", "Label for given chip and sensor");

export const hwmon: CollectorSpec = {
  name: "hwmon",
  enabledByDefault: true,

  create({ files }, { hwmon: options }) {
    return async (emit) => {
      const folders = orNoData("hardware monitors", () => files.sysFolders("class/hwmon"));
      for (const chip of findChips(files, folders)) {
        if (options.chip(chip.chip)) emitChip(emit, chip, await readSensors(files, chip.folder), options);
      }
    };
  },
};

/** Old drivers have their attributes one level up, at the device. */
async function readSensors(files: HostFiles, folder: string): Promise<Map<string, Sensor>> {
  const sensors = new Map<string, Sensor>();
  for (const place of [folder, `${folder}/device`]) {
    for (const file of files.sysNames(place)) {
      const found = sensorOf(file);
      if (found === undefined) continue;
      try {
        const value = await files.sysLater(`${place}/${file}`);
        const sensor = sensors.get(found.sensor) ?? { type: found.type, properties: new Map() };
        sensor.properties.set(found.property, value);
        sensors.set(found.sensor, sensor);
      } catch {
        // A sensor that is not wired answers ENODATA, EIO, EAGAIN …: it has no value.
      }
    }
  }
  return sensors;
}

function emitChip(
  emit: Emit,
  { chip, chipName }: Chip,
  sensors: ReadonlyMap<string, Sensor>,
  options: HostOptions["hwmon"],
): void {
  if (chipName !== "") emit(chipNames, ["chip", chip, "chip_name", chipName], 1);
  for (const [sensor, found] of sensors) {
    if (!options.sensor(`${chip};${sensor}`)) continue;
    const label = found.properties.get("label");
    if (label !== undefined) emit(sensorLabel, ["chip", chip, "label", label, "sensor", sensor], 1);
    for (const metric of sensorMetrics(found)) {
      emit(metric.family, ["chip", chip, "sensor", metric.sensor ?? sensor], metric.value);
    }
  }
}
