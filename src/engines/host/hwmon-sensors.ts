import { parseGoFloat } from "../../lib/go-float.ts";
import { counter, type Family, gauge } from "./collector.ts";
import { cleanName } from "./hwmon-chips.ts";

/** The attributes of one sensor: `temp1_input` is the property `input` of a sensor of type `temp`. */
export interface Sensor {
  readonly type: string;
  readonly properties: Map<string, string>;
}

const types = new Set(
  "vrm beep_enable update_interval in cpu fan pwm temp curr power energy humidity intrusion freq".split(" "),
);

/** Which sensor's and property's file it is; undefined for all other files. */
export function sensorOf(file: string): { sensor: string; type: string; property: string } | undefined {
  const [, type = "", number = "", property = ""] = /^([^0-9]+)([0-9]*)(?:_(.+))?$/.exec(file) ?? [];
  return types.has(type) ? { sensor: `${type}${Number(number)}`, type, property } : undefined;
}

interface SensorMetric {
  readonly family: Family;
  readonly value: number;
  /** In place of the sensor's own name. */
  readonly sensor?: string;
}

/** Values that are no numbers are left out. */
export function sensorMetrics(sensor: Sensor): SensorMetric[] {
  const metrics: SensorMetric[] = [];
  for (const [property, text] of sensor.properties) {
    if (property === "label") continue;
    const value = parseGoFloat(text);
    const metric = value === undefined ? undefined : metricOf(sensor, property, value);
    if (metric !== undefined) metrics.push(metric);
  }
  return metrics;
}

function metricOf(sensor: Sensor, property: string, value: number): SensorMetric | undefined {
  const { type } = sensor;
  if (type === "freq" && property === "input") return frequency(sensor, value);
  const name = nameOf(sensor, property);
  return (
    wholeChip(type, value) ??
    flag(name, type, property, value) ??
    voltageOrCurrent(name, type, property, value) ??
    temperature(name, type, property, value) ??
    energyOrPower(name, type, property, value) ??
    other(name, type, property, value)
  );
}

/** The file without a property, such as `pwm1`, is a value of its own; then the input is another one. */
function nameOf({ type, properties }: Sensor, property: string): string {
  const name = `node_hwmon_${type}`;
  if (property === "") return name;
  if (property !== "input") return `${name}_${cleanName(property)}`;
  return properties.has("") ? `${name}_input` : name;
}

/** Only GPUs have these, and there the label says what it is that has the frequency. */
function frequency({ properties }: Sensor, value: number): SensorMetric | undefined {
  const label = properties.get("label");
  if (label === undefined) return undefined;
  const family = gauge(
    `${properties.has("") ? "node_hwmon_freq_input" : "node_hwmon_freq"}_freq_mhz`,
    "Hardware monitor for GPU frequency in MHz",
  );
  return { family, value: value / 1000000, sensor: cleanName(label) };
}

const beepEnabled = gauge("node_hwmon_beep_enabled", "Hardware beep enabled");
const regulator = gauge("node_hwmon_voltage_regulator_version", "Hardware voltage regulator");
const updateInterval = gauge("node_hwmon_update_interval_seconds", "Hardware monitor update interval");

function wholeChip(type: string, value: number): SensorMetric | undefined {
  if (type === "beep_enable") return { family: beepEnabled, value: value === 1 ? 1 : 0 };
  if (type === "vrm") return { family: regulator, value };
  return type === "update_interval" ? { family: updateInterval, value: value * 0.001 } : undefined;
}

function flag(name: string, type: string, property: string, value: number): SensorMetric | undefined {
  if (property === "fault" || property === "alarm") {
    return { family: gauge(name, `Hardware sensor ${property} status (${type})`), value };
  }
  if (property !== "beep") return undefined;
  return { family: gauge(`${name}_enabled`, "Hardware monitor sensor has beeping enabled"), value };
}

function voltageOrCurrent(name: string, type: string, property: string, value: number): SensorMetric | undefined {
  if (type === "in" || type === "cpu") {
    return { family: gauge(`${name}_volts`, `Hardware monitor for voltage (${property})`), value: value * 0.001 };
  }
  if (type !== "curr") return undefined;
  return { family: gauge(`${name}_amps`, `Hardware monitor for current (${property})`), value: value * 0.001 };
}

/** Scales flags such as crit_alarm too, which upstream has so. */
function temperature(name: string, type: string, property: string, value: number): SensorMetric | undefined {
  if (type !== "temp" || property === "type") return undefined;
  const help = `Hardware monitor for temperature (${property || "input"})`;
  return { family: gauge(`${name}_celsius`, help), value: value * 0.001 };
}

function energyOrPower(name: string, type: string, property: string, value: number): SensorMetric | undefined {
  if (type === "energy") {
    const help = `Hardware monitor for joules used so far (${property})`;
    return { family: counter(`${name}_joule_total`, help), value: value / 1000000 };
  }
  if (type !== "power") return undefined;
  if (property === "accuracy") {
    return { family: gauge(name, "Hardware monitor power meter accuracy, as a ratio"), value: value / 1000000 };
  }
  if (/^average_interval(_min|_max)?$/.test(property)) {
    const help = `Hardware monitor power usage update interval (${property})`;
    return { family: gauge(`${name}_seconds`, help), value: value * 0.001 };
  }
  const help = `Hardware monitor for power usage in watts (${property})`;
  return { family: gauge(`${name}_watt`, help), value: value / 1000000 };
}

function other(name: string, type: string, property: string, value: number): SensorMetric {
  if (type === "humidity") {
    const help =
      "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) " +
      `(${property})`;
    return { family: gauge(name, help), value: value / 1000000 };
  }
  if (type === "fan" && ["input", "min", "max", "target"].includes(property)) {
    const help = `Hardware monitor for fan revolutions per minute (${property})`;
    return { family: gauge(`${name}_rpm`, help), value };
  }
  return { family: gauge(name, `Hardware monitor ${type} element ${property}`), value };
}
