import { integer } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import { errorCode, type HostFiles } from "../host-files.ts";

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
        const zone = await readZone(files, `${folder}/${name}`);
        if (zone === undefined) continue;
        emit(temperature, ["type", zone.type, "zone", name.slice("thermal_zone".length)], zone.millidegrees / 1000);
      }
      for (const name of names.filter((one) => /^cooling_device[0-9]/.test(one))) {
        const number = (attribute: string) => readNumber(files, `${folder}/${name}/${attribute}`);
        const labels = [
          "name",
          name.slice("cooling_device".length),
          "type",
          files.sysAttribute(`${folder}/${name}/type`),
        ];
        emit(current, labels, await number("cur_state"));
        emit(maximum, labels, await number("max_state"));
      }
    };
  },
};

/** Undefined: the zone is switched off, or has no temperature to give at the moment. */
async function readZone(files: HostFiles, zone: string): Promise<{ type: string; millidegrees: number } | undefined> {
  if (files.sys(`${zone}/mode`) === "disabled") return undefined;
  try {
    return { type: files.sysAttribute(`${zone}/type`), millidegrees: await readNumber(files, `${zone}/temp`) };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

async function readNumber(files: HostFiles, name: string): Promise<number> {
  const text = await files.sysLater(name);
  const value = integer(text);
  if (value === undefined) throw new Error(`cannot parse ${name}: ${JSON.stringify(text)} is no number`);
  return value;
}
