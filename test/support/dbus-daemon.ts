import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { decodeMessages, encodeMessage, type Received, type Typed } from "./dbus-peer.ts";
import { type Answer, replyTo } from "./fake-bus.ts";
import { TestProcess } from "./process.ts";
import { tempDir } from "./temp-dir.ts";

export const hasDbusDaemon = spawnSync("dbus-daemon", ["--version"]).status === 0;

/** A real bus of our own, on a socket in a temp folder, that lets everybody say everything. */
export async function startDbusDaemon() {
  const dir = tempDir();
  const config = join(dir.path, "bus.conf");
  writeFileSync(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${join(dir.path, "bus")}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
  </policy>
</busconfig>
`,
  );
  const daemon = new TestProcess("dbus-daemon", [`--config-file=${config}`, "--nofork", "--print-address=1"]);
  const [address] = await daemon.output(/unix:\S+/);
  return {
    address,
    path: join(dir.path, "bus"),
    async [Symbol.asyncDispose]() {
      await daemon.stop();
      dir.remove();
    },
  };
}

/** A program on the bus that owns this name and answers what it is asked. */
export async function startService(path: string, name: string, answer: (call: Received) => Answer) {
  const socket = connect({ path });
  await say(socket, `\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.())).toString("hex")}\r\n`);
  socket.write("BEGIN\r\n");
  let bytes = Buffer.alloc(0);
  let owned = () => {};
  const isOwner = new Promise<void>((resolve) => {
    owned = resolve;
  });
  socket.on("data", (chunk) => {
    const { messages, rest } = decodeMessages(Buffer.concat([bytes, chunk]));
    bytes = Buffer.from(rest);
    for (const message of messages) {
      if (message.type === 4 && message.member === "NameAcquired" && message.args[0] === name) owned();
      if (message.type === 1) socket.write(replyTo(message, answer(message) ?? []));
    }
  });
  callBus(socket, 1, "Hello", []);
  callBus(socket, 2, "RequestName", [
    ["s", name],
    ["u", 0],
  ]);
  await isOwner;
  return { [Symbol.dispose]: () => void socket.destroy() };
}

function say(socket: Socket, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject).once("data", () => resolve());
    socket.write(line);
  });
}

function callBus(socket: Socket, serial: number, member: string, body: readonly Typed[]): void {
  const bus = "org.freedesktop.DBus";
  socket.write(
    encodeMessage({ type: 1, serial, fields: { 1: "/org/freedesktop/DBus", 2: bus, 3: member, 6: bus } }, body),
  );
}
