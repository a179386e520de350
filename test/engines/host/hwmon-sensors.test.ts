import { expect, test } from "vitest";
import { sensorMetrics, sensorOf } from "../../../src/engines/host/hwmon-sensors.ts";

test("a file's name tells the sensor and the property", () => {
  const f = (file: string, want: object | undefined) => expect(sensorOf(file)).toEqual(want);

  f("temp1_input", { sensor: "temp1", type: "temp", property: "input" });
  f("pwm2", { sensor: "pwm2", type: "pwm", property: "" });
  f("beep_enable", { sensor: "beep_enable0", type: "beep_enable", property: "" });
  f("power12_average_interval", { sensor: "power12", type: "power", property: "average_interval" });
  f("name", undefined);
  f("uevent", undefined);
  f("temperature1_input", undefined);
});

const metrics = (type: string, properties: Record<string, string>) =>
  sensorMetrics({ type, properties: new Map(Object.entries(properties)) }).map(
    ({ family, sensor, value }) => `${family.name}${sensor === undefined ? "" : `{${sensor}}`} ${value}`,
  );

test("each type has its unit", () => {
  const f = (type: string, properties: Record<string, string>, want: string[]) =>
    expect(metrics(type, properties)).toEqual(want);

  f("temp", { input: "38850", crit_alarm: "1", type: "6", fault: "0", label: "Composite" }, [
    "node_hwmon_temp_celsius 38.85",
    "node_hwmon_temp_crit_alarm_celsius 0.001",
    "node_hwmon_temp_type 6",
    "node_hwmon_temp_fault 0",
  ]);
  f("in", { input: "976", alarm: "1", beep: "0" }, [
    "node_hwmon_in_volts 0.976",
    "node_hwmon_in_alarm 1",
    "node_hwmon_in_beep_enabled 0",
  ]);
  f("fan", { input: "1098", div: "8", target: "9" }, [
    "node_hwmon_fan_rpm 1098",
    "node_hwmon_fan_div 8",
    "node_hwmon_fan_target_rpm 9",
  ]);
  f("power", { average: "42000000", accuracy: "50000", average_interval_max: "1000" }, [
    "node_hwmon_power_average_watt 42",
    "node_hwmon_power_accuracy 0.05",
    "node_hwmon_power_average_interval_max_seconds 1",
  ]);
  f("energy", { input: "1000000" }, ["node_hwmon_energy_joule_total 1"]);
  f("curr", { input: "1250" }, ["node_hwmon_curr_amps 1.25"]);
  f("humidity", { input: "45000" }, ["node_hwmon_humidity 0.045"]);
});

test("an input is a value of its own where the bare file is one", () => {
  expect(metrics("pwm", { "": "153", input: "7" })).toEqual(["node_hwmon_pwm 153", "node_hwmon_pwm_input 7"]);
});

test("a frequency has its label as the sensor, and is nothing without", () => {
  expect(metrics("freq", { input: "300000000", label: "S Clk" })).toEqual(["node_hwmon_freq_freq_mhz{s_clk} 300"]);
  expect(metrics("freq", { input: "5" })).toEqual([]);
});

test("what is no number is left out", () => {
  expect(metrics("temp", { input: "N/A", max: "" })).toEqual([]);
});

test("a chip's own switches", () => {
  expect(metrics("beep_enable", { "": "1" })).toEqual(["node_hwmon_beep_enabled 1"]);
  expect(metrics("vrm", { "": "100" })).toEqual(["node_hwmon_voltage_regulator_version 100"]);
  expect(metrics("update_interval", { "": "1000" })).toEqual(["node_hwmon_update_interval_seconds 1"]);
});
