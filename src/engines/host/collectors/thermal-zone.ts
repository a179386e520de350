import { integer } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, type Emit, gauge, NoData } from "../collector.ts";
import { errorCode } from "../error-code.ts";
import type { HostFiles } from "../host-files.ts";

const temperature = gauge("node_thermal_zone_temp", "Zone temperature in Celsius");
const current = gauge("node_cooling_device_cur_state", "Current throttle state of the cooling device");
const maximum = gauge("node_cooling_device_max_state", "Maximum throttle state of the cooling device");

const folder = "class/thermal";

export const thermalZone: CollectorSpec = {
  name: "thermal_zone",
  enabledByDefault: true,

  create({ files }) {
    return async (emit) => {
      const names = files.sysNames(folder);
      for (const name of names.filter((one) => /^thermal_zone[0-9]/.test(one))) {
        const millidegrees = await readTemperature(files, `${folder}/${name}/temp`);
        const type = files.sys(`${folder}/${name}/type`) ?? "";
        emit(temperature, ["type", type, "zone", name.slice("thermal_zone".length)], millidegrees / 1000);
      }
      for (const name of names.filter((one) => /^cooling_device[0-9]/.test(one))) {
        await emitCoolingDevice(emit, files, name);
      }
    };
  },
};

/** Upstream says 0 of a zone that has no temperature to give, such as that of a sleeping wireless card. */
async function readTemperature(files: HostFiles, name: string): Promise<number> {
  try {
    return integer(await files.sysLater(name)) ?? 0;
  } catch {
    return 0;
  }
}

async function emitCoolingDevice(emit: Emit, files: HostFiles, name: string): Promise<void> {
  const labels = ["name", name.slice("cooling_device".length), "type", files.sysAttribute(`${folder}/${name}/type`)];
  emit(current, labels, await readState(files, `${folder}/${name}/cur_state`));
  emit(maximum, labels, await readState(files, `${folder}/${name}/max_state`));
}

async function readState(files: HostFiles, name: string): Promise<number> {
  const text = await orNoDataLater(() => files.sysLater(name));
  const value = integer(text);
  if (value === undefined) throw new Error(`cannot parse ${name}: ${JSON.stringify(text)} is no number`);
  return value;
}

/** A driver that refuses its own attribute has nothing to say. */
async function orNoDataLater(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (errorCode(error) === "EINVAL") throw new NoData("a cooling device does not tell its state");
    throw error;
  }
}
