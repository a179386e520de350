import type { DbusConnection } from "../../../lib/dbus/connection.ts";
import { type DbusValue, pathElement } from "../../../lib/dbus/values.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import type { HostOptions } from "../options.ts";
import { openSystemd, property } from "../system-bus.ts";

const unitState = gauge("node_systemd_unit_state", "Systemd unit");
const startTime = gauge("node_systemd_unit_start_time_seconds", "Start time of the unit since unix epoch in seconds.");
const tasksCurrent = gauge("node_systemd_unit_tasks_current", "Current number of tasks per Systemd unit");
const tasksMax = gauge("node_systemd_unit_tasks_max", "Maximum number of tasks per Systemd unit");
const systemRunning = gauge(
  "node_systemd_system_running",
  "Whether the system is operational (see 'systemctl is-system-running')",
);
const summary = gauge("node_systemd_units", "Summary of systemd unit states");
const restarts = counter("node_systemd_service_restart_total", "Service unit count of Restart triggers");
const lastTrigger = gauge("node_systemd_timer_last_trigger_seconds", "Seconds since epoch of last trigger.");
const accepted = counter(
  "node_systemd_socket_accepted_connections_total",
  "Total number of accepted socket connections",
);
const current = gauge("node_systemd_socket_current_connections", "Current number of socket connections");
// A gauge upstream too.
const refused = gauge("node_systemd_socket_refused_connections_total", "Total number of refused socket connections");
const version = gauge("node_systemd_version", "Detected systemd version");
const virtualization = gauge("node_systemd_virtualization_info", "Detected virtualization technology");

const states = ["active", "activating", "deactivating", "inactive", "failed"];

const destination = "org.freedesktop.systemd1";
const manager = { destination, path: "/org/freedesktop/systemd1" };

/** Older ones have neither SystemState nor LastTriggerUSec. */
const firstWithState = 212;
/** What systemd says of a number that it does not know. */
const unknown = 2n ** 64n - 1n;

interface Unit {
  readonly name: string;
  readonly loadState: string;
  readonly activeState: string;
}

type Get = (unit: Unit, type: string, name: string) => Promise<DbusValue | undefined>;

export const systemd: CollectorSpec = {
  name: "systemd",
  enabledByDefault: false,

  create(host, options) {
    return async (emit) => {
      using bus = await openSystemd(host, options.systemd.isPrivate);
      const number = await emitVersion(emit, bus);
      const units = await listUnits(bus);
      emitSummary(emit, units);
      const chosen = units.filter(({ name, loadState }) => loadState === "loaded" && options.systemd.unit(name));
      const get: Get = ({ name }, type, key) =>
        property(
          bus,
          { destination, path: `${manager.path}/unit/${pathElement(name)}` },
          `${destination}.${type}`,
          key,
        );
      // All questions are on their way before the first answer is awaited.
      const emitted = chosen.map((unit) => emitUnit(emit, get, unit, options.systemd, number));
      const running = number < firstWithState ? undefined : emitSystemState(emit, bus);
      await Promise.all([...emitted, running]);
    };
  },
};

/** The number, 0 where it cannot be told. */
async function emitVersion(emit: Emit, bus: DbusConnection): Promise<number> {
  const ask = (name: string) => property(bus, manager, `${destination}.Manager`, name);
  const [text, kind] = await Promise.all([ask("Version"), ask("Virtualization")]);
  const found = /[0-9]{3,}(\.[0-9]+)?/.exec(String(text ?? ""))?.[0];
  emit(version, ["version", found === undefined ? "" : String(text)], Number(found ?? 0));
  emit(virtualization, ["virtualization_type", kind === undefined ? "unknown" : String(kind || "none")], 1);
  return Number(found ?? 0);
}

async function listUnits(bus: DbusConnection): Promise<Unit[]> {
  const [units] = await bus.call({ ...manager, interface: `${destination}.Manager`, member: "ListUnits", args: [] });
  return (units as readonly (readonly string[])[]).map(([name = "", , loadState = "", activeState = ""]) => ({
    name,
    loadState,
    activeState,
  }));
}

function emitSummary(emit: Emit, units: readonly Unit[]): void {
  const counts = new Map(states.map((state) => [state, 0]));
  for (const { activeState } of units) counts.set(activeState, (counts.get(activeState) ?? 0) + 1);
  for (const [state, count] of counts) emit(summary, ["state", state], count);
}

async function emitSystemState(emit: Emit, bus: DbusConnection): Promise<void> {
  const state = await property(bus, manager, `${destination}.Manager`, "SystemState");
  if (state === undefined) throw new Error("systemd does not tell its state");
  emit(systemRunning, noLabels, state === "running" ? 1 : 0);
}

async function emitUnit(
  emit: Emit,
  get: Get,
  unit: Unit,
  options: HostOptions["systemd"],
  systemdVersion: number,
): Promise<void> {
  const labels = ["name", unit.name];
  const emitKnown = async (family: Family, type: string, name: string, divisor = 1) => {
    const value = await get(unit, type, name);
    if (value !== undefined && value !== unknown) emit(family, labels, Number(value) / divisor);
  };
  const work = [emitState(emit, get, unit)];
  if (options.startTimeMetrics) {
    if (unit.activeState === "active") work.push(emitKnown(startTime, "Unit", "ActiveEnterTimestamp", 1e6));
    else emit(startTime, labels, 0);
  }
  if (unit.name.endsWith(".service")) {
    if (options.restartsMetrics) work.push(emitKnown(restarts, "Service", "NRestarts"));
    if (options.taskMetrics) work.push(emitKnown(tasksCurrent, "Service", "TasksCurrent"));
    if (options.taskMetrics) work.push(emitKnown(tasksMax, "Service", "TasksMax"));
  }
  if (unit.name.endsWith(".timer") && systemdVersion >= firstWithState) {
    work.push(emitKnown(lastTrigger, "Timer", "LastTriggerUSec", 1e6));
  }
  if (unit.name.endsWith(".socket")) {
    work.push(emitKnown(accepted, "Socket", "NAccepted"));
    work.push(emitKnown(current, "Socket", "NConnections"));
    work.push(emitKnown(refused, "Socket", "NRefused"));
  }
  await Promise.all(work);
}

async function emitState(emit: Emit, get: Get, unit: Unit): Promise<void> {
  const [, kind] = /\.(service|mount)$/.exec(unit.name) ?? [];
  const typed = { service: "Service", mount: "Mount" }[kind ?? ""];
  const type = typed === undefined ? "" : String((await get(unit, typed, "Type")) ?? "");
  for (const state of states) {
    emit(unitState, ["name", unit.name, "state", state, "type", type], state === unit.activeState ? 1 : 0);
  }
}
