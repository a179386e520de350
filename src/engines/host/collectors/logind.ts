import type { DbusConnection } from "../../../lib/dbus/connection.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import { openSystemBus, property } from "../system-bus.ts";

const sessions = gauge("node_logind_sessions", "Number of sessions registered in logind.");

/** What logind had when upstream's list was made; anything newer counts as other. */
const types = ["other", "unspecified", "tty", "x11", "wayland", "mir", "web"];
const classes = ["other", "user", "greeter", "lock-screen", "background"];
const remotes = ["true", "false"];

const destination = "org.freedesktop.login1";

/** The full product of what a session can be, with the sessions counted: a rule can rely on every series. */
export const logind: CollectorSpec = {
  name: "logind",
  enabledByDefault: false,

  create(host) {
    return async (emit) => {
      using bus = await openSystemBus(host);
      const [seats, labels] = await Promise.all([listSeats(bus), listSessions(bus)]);
      const counts = new Map<string, number>();
      for (const key of labels.map(keyOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
      for (const series of allKinds(seats)) emit(sessions, series, counts.get(keyOf(series)) ?? 0);
    };
  },
};

function allKinds(seats: readonly string[]): string[][] {
  const kinds = remotes.flatMap((remote) => types.map((type) => [remote, type] as const));
  return classes.flatMap((sessionClass) =>
    kinds.flatMap(([remote, type]) =>
      seats.map((seat) => ["class", sessionClass, "remote", remote, "seat", seat, "type", type]),
    ),
  );
}

const keyOf = (labels: readonly string[]) => labels.join("\0");

/** With the empty seat, which sessions over the network have. */
async function listSeats(bus: DbusConnection): Promise<string[]> {
  const [seats] = await bus.call({ ...manager, member: "ListSeats" });
  return [...(seats as readonly (readonly string[])[]).map(([seat = ""]) => seat), ""];
}

/** The labels of each session. One that ends while it is asked is left out. */
async function listSessions(bus: DbusConnection): Promise<string[][]> {
  const [listed] = await bus.call({ ...manager, member: "ListSessions" });
  const asked = (listed as readonly (readonly string[])[]).map(async ([, , , seat = "", path = ""]) => {
    const get = (name: string) => property(bus, { destination, path }, `${destination}.Session`, name);
    const [remote, type, sessionClass] = await Promise.all([get("Remote"), get("Type"), get("Class")]);
    if (remote === undefined || type === undefined || sessionClass === undefined) return [];
    const known = (value: unknown, all: readonly string[]) => all.find((one) => one === value) ?? "other";
    const labels = ["class", known(sessionClass, classes), "remote", String(remote), "seat", seat];
    return [[...labels, "type", known(type, types)]];
  });
  return (await Promise.all(asked)).flat();
}

const manager = { destination, path: "/org/freedesktop/login1", interface: `${destination}.Manager`, args: [] };
