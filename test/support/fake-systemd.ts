import type { Received, Typed } from "./dbus-peer.ts";
import type { Answer } from "./fake-bus.ts";

/** name, load state, active state, and the properties of its own interface. */
type FakeUnit = readonly [name: string, load: string, active: string, properties: Readonly<Record<string, Typed>>];

const noSuchProperty = "org.freedesktop.DBus.Error.UnknownProperty";
const never = 2n ** 64n - 1n;
const microseconds = (seconds: number): Typed => ["t", BigInt(seconds) * 1_000_000n];

const units: readonly FakeUnit[] = [
  [
    "cron.service",
    "loaded",
    "active",
    {
      "Service.Type": ["s", "simple"],
      "Service.NRestarts": ["u", 3],
      "Service.TasksCurrent": ["t", 4],
      "Service.TasksMax": ["t", 4915],
      "Unit.ActiveEnterTimestamp": microseconds(1_767_225_600),
    },
  ],
  [
    "app@9-b.service",
    "loaded",
    "failed",
    {
      "Service.Type": ["s", "notify"],
      "Service.NRestarts": ["u", 4_000_000_000],
      "Service.TasksCurrent": ["t", never],
      "Service.TasksMax": ["t", never],
    },
  ],
  ["gone.service", "not-found", "inactive", {}],
  ["apt-daily.timer", "loaded", "active", { "Timer.LastTriggerUSec": ["t", 1_767_229_200_500_000n] }],
  ["fresh.timer", "loaded", "active", {}],
  [
    "ssh.socket",
    "loaded",
    "activating",
    { "Socket.NAccepted": ["u", 12], "Socket.NConnections": ["u", 2], "Socket.NRefused": ["u", 1] },
  ],
  ["old.socket", "loaded", "inactive", { "Socket.NAccepted": ["u", 0], "Socket.NConnections": ["u", 0] }],
  ["multi-user.target", "loaded", "active", {}],
  ["mnt-data.mount", "loaded", "active", { "Mount.Type": ["s", "ext4"] }],
  ["dev-sda.device", "loaded", "reloading", {}],
];

const managerProperties: Readonly<Record<string, Typed>> = {
  Version: ["s", "257.4-1ubuntu3"],
  Virtualization: ["s", "kvm"],
  SystemState: ["s", "running"],
};

const base = "/org/freedesktop/systemd1";

/** The questions that systemd answers, with a few units of each kind; some of them lack what older versions lack. */
export function fakeSystemd(changes: Readonly<Record<string, Typed>> = {}) {
  const manager: Readonly<Record<string, Typed>> = { ...managerProperties, ...changes };
  return ({ destination, path, interface: face, member, args }: Received): Answer => {
    if (destination !== "org.freedesktop.systemd1") return "org.freedesktop.DBus.Error.ServiceUnknown";
    if (face === "org.freedesktop.systemd1.Manager" && member === "ListUnits")
      return [["a(ssssssouso)", units.map(row)]];
    if (face !== "org.freedesktop.DBus.Properties" || member !== "Get")
      return "org.freedesktop.DBus.Error.UnknownMethod";
    const type = String(args[0]).replace("org.freedesktop.systemd1.", "");
    if (path === base) return variant(type === "Manager" ? manager[String(args[1])] : undefined);
    const unit = units.find(([name]) => path === pathOf(name));
    return variant(unit?.[3][`${type}.${args[1]}`]);
  };
}

function variant(value: Typed | undefined): Answer {
  return value === undefined ? noSuchProperty : [["v", value]];
}

function row([name, load, active]: FakeUnit): unknown[] {
  return [name, `About ${name}`, load, active, "running", "", pathOf(name), 0, "", "/"];
}

function pathOf(name: string): string {
  return `${base}/unit/${name.replace(/[^A-Za-z0-9]/g, (text) => `_${text.charCodeAt(0).toString(16)}`)}`;
}

const sessions: readonly (readonly [id: string, seat: string, remote: number, type: string, sessionClass: string])[] = [
  ["1", "seat0", 0, "tty", "user"],
  ["2", "seat0", 0, "wayland", "user"],
  ["3", "", 1, "tty", "user"],
  ["4", "", 1, "tty", "user"],
  ["5", "", 0, "holodeck", "manager"],
  ["6", "seat7", 0, "tty", "user"],
];

/** The questions that logind answers. Session 7 ends while it is asked. */
export function fakeLogind({ path, member, args }: Received): Answer {
  const seat = (name: string) => [name, `/org/freedesktop/login1/seat/${name}`];
  if (member === "ListSeats") return [["a(so)", [seat("seat0"), seat("seat1")]]];
  const list = [...sessions, ["7", "seat0", 0, "tty", "user"] as const];
  const row = ([id, seatName]: (typeof list)[number]) => [id, 1000, "ann", seatName, `/session/${id}`];
  if (member === "ListSessions") return [["a(susso)", list.map(row)]];
  const session = sessions.find(([id]) => path === `/session/${id}`);
  if (session === undefined) return "org.freedesktop.DBus.Error.UnknownObject";
  const [, , remote, type, sessionClass] = session;
  const properties: Record<string, Typed> = { Remote: ["b", remote], Type: ["s", type], Class: ["s", sessionClass] };
  return variant(properties[String(args[1])]);
}
