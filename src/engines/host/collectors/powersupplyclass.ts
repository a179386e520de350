import { integer } from "../../../formats/procfs/text.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, type Emit, type Family, gauge } from "../collector.ts";
import { errorCode } from "../error-code.ts";
import type { HostFiles } from "../host-files.ts";
import { orNoData } from "../missing.ts";

const info = gauge("node_power_supply_info", "info of /sys/class/power_supply/<power_supply>.");

/** What a number is divided by: sysfs has micro-units, and tenths of a degree. */
const micro = 1e6;
const tenth = 10;

/** Attributes that are numbers (Documentation/ABI/testing/sysfs-class-power), where the metric has their name. */
const plain: readonly (readonly [divisor: number, attributes: string])[] = [
  [1, "authentic calibrate capacity capacity_alert_max capacity_alert_min online present"],
  [
    micro,
    `charge_control_limit charge_control_limit_max charge_counter charge_empty charge_empty_design charge_full
     charge_full_design charge_term_current constant_charge_current constant_charge_current_max constant_charge_voltage
     constant_charge_voltage_max current_boot current_max energy_empty energy_empty_design energy_full
     energy_full_design input_current_limit precharge_current voltage_boot voltage_max voltage_max_design voltage_min
     voltage_min_design voltage_ocv`,
  ],
];

/** The others, with the name in the metric. */
const renamed: readonly (readonly [divisor: number, attribute: string, name: string])[] = [
  [1, "cycle_count", "cyclecount"],
  [1, "time_to_empty_now", "time_to_empty_seconds"],
  [1, "time_to_full_now", "time_to_full_seconds"],
  [micro, "charge_now", "charge_ampere"],
  [micro, "current_now", "current_ampere"],
  [micro, "energy_now", "energy_watthour"],
  [micro, "power_now", "power_watt"],
  [micro, "voltage_now", "voltage_volt"],
  ...["", "_alert_max", "_alert_min", "_ambient", "_ambient_max", "_ambient_min", "_max", "_min"].map(
    (suffix) => [tenth, `temp${suffix}`, `temp${suffix}_celsius`] as const,
  ),
];

const numbers = new Map<string, { family: Family; divisor: number }>([
  ...plain.flatMap(([divisor, attributes]) =>
    attributes
      .trim()
      .split(/\s+/)
      .map((attribute) => [attribute, numberOf(attribute, divisor)] as const),
  ),
  ...renamed.map(([divisor, attribute, name]) => [attribute, numberOf(name, divisor)] as const),
]);

const texts = `
  capacity_level charge_type health manufacturer model_name scope serial_number status technology type usb_type`
  .trim()
  .split(/\s+/);

const folder = "class/power_supply";

export const powersupplyclass: CollectorSpec = {
  name: "powersupplyclass",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) =>
      allOrNothing(emit, async (held) => {
        const supplies = orNoData("power supplies", () => files.sysFolders(folder));
        for (const supply of supplies) {
          if (options.powersupply.supply(supply)) await emitSupply(held, files, supply);
        }
      });
  },
};

async function emitSupply(emit: Emit, files: HostFiles, supply: string): Promise<void> {
  const info: string[] = [];
  for (const attribute of files.sysNames(`${folder}/${supply}`)) {
    const number = numbers.get(attribute);
    if (number === undefined && !texts.includes(attribute)) continue;
    const text = await readAttribute(files, `${folder}/${supply}/${attribute}`);
    if (text === undefined) continue;
    if (number === undefined) {
      if (text !== "") info.push(attribute, text);
      continue;
    }
    const value = integer(text);
    if (value === undefined) throw new Error(`cannot parse ${folder}/${supply}/${attribute}: ${JSON.stringify(text)}`);
    emit(number.family, ["power_supply", supply], value / number.divisor);
  }
  emitInfo(emit, supply, info);
}

/** `power_supply` has its place among the others; the attributes are in order. */
function emitInfo(emit: Emit, supply: string, attributes: readonly string[]): void {
  const at = attributes.findIndex((name, index) => index % 2 === 0 && name > "power_supply");
  const before = at < 0 ? attributes : attributes.slice(0, at);
  const behind = at < 0 ? [] : attributes.slice(at);
  emit(info, [...before, "power_supply", supply, ...behind], 1);
}

/** Drivers list attributes that the hardware then does not have. */
async function readAttribute(files: HostFiles, name: string): Promise<string | undefined> {
  try {
    return await files.sysLater(name);
  } catch (error) {
    if (["ENOENT", "ENODEV", "EOPNOTSUPP", "ENOTSUP", "EINVAL"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

function numberOf(name: string, divisor: number): { family: Family; divisor: number } {
  const help = `${name} value of /sys/class/power_supply/<power_supply>.`;
  return { family: gauge(`node_power_supply_${name}`, help), divisor };
}
