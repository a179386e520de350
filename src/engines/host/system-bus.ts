import type { Clock } from "../../lib/clock.ts";
import { DbusConnection, DbusError } from "../../lib/dbus/connection.ts";
import type { DbusValue } from "../../lib/dbus/values.ts";

const deadlineMs = 5000;

/** Systemd's own socket, which only root may use. */
const systemdPrivate = "unix:path=/run/systemd/private";

interface Surroundings {
  readonly clock: Clock;
  readonly systemBusAddress: string;
}

export function openSystemBus({ clock, systemBusAddress }: Surroundings): Promise<DbusConnection> {
  return DbusConnection.open({ address: systemBusAddress, isBus: true, deadlineMs, clock, uid: uid() });
}

/** As upstream does it, root goes to systemd's own socket where there is no bus. */
export async function openSystemd(surroundings: Surroundings, isPrivate: boolean): Promise<DbusConnection> {
  const { clock } = surroundings;
  const direct = () => DbusConnection.open({ address: systemdPrivate, isBus: false, deadlineMs, clock, uid: uid() });
  if (isPrivate) return direct();
  try {
    return await openSystemBus(surroundings);
  } catch (error) {
    if (uid() !== 0) throw error;
    return direct().catch(() => Promise.reject(error));
  }
}

/** A property; undefined if the object has none of the name or may not say. */
export async function property(
  bus: DbusConnection,
  object: { readonly destination: string; readonly path: string },
  interfaceName: string,
  name: string,
): Promise<DbusValue | undefined> {
  const call = { interface: "org.freedesktop.DBus.Properties", member: "Get", args: [interfaceName, name] };
  try {
    const [value] = await bus.call({ ...object, ...call });
    return value;
  } catch (error) {
    if (error instanceof DbusError) return undefined;
    throw error;
  }
}

function uid(): number {
  return process.getuid?.() ?? 0;
}
