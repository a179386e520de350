import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { decodeMessages, encodeMessage, type Received, type Typed } from "./dbus-peer.ts";
import { tempDir } from "./temp-dir.ts";

/** The values of a reply, or the name of an error; undefined: no answer at all. */
export type Answer = readonly Typed[] | string | undefined;

interface FakeBusOptions {
  readonly answer: (call: Received) => Answer;
  /** In the place of the OK to AUTH. */
  readonly authAnswer?: string;
  /** A peer that is no bus wants no Hello. */
  readonly isBus?: boolean;
  /** How the bytes of a burst of replies are cut up. */
  readonly cut?: (bytes: Buffer) => Buffer[];
}

/**
 * A bus that knows one program's questions. It holds the client to the protocol: one NUL, EXTERNAL with our uid, BEGIN,
 * Hello first and once, a new serial for every call. What broke a rule is in `complaints`.
 */
export async function fakeBus({
  answer,
  authAnswer = "OK 0123456789abcdef0123456789abcdef",
  isBus = true,
  cut,
}: FakeBusOptions) {
  const dir = tempDir();
  const path = join(dir.path, "bus");
  const complaints: string[] = [];
  const calls: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    const talk = new Talk();
    socket.on("data", (chunk) => {
      try {
        const out = talk.hear(chunk);
        for (const part of cut?.(out) ?? [out]) if (part.length > 0) socket.write(part);
      } catch (error) {
        complaints.push((error as Error).message);
        socket.destroy();
      }
    });
  });

  class Talk {
    #bytes = Buffer.alloc(0);
    #phase: "auth" | "begin" | "messages" = "auth";
    #serials = new Set<number>();
    #greeted = !isBus;

    hear(chunk: Buffer): Buffer {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#phase === "auth") return this.#auth();
      if (this.#phase === "begin" && !this.#takeLine("BEGIN")) return Buffer.alloc(0);
      this.#phase = "messages";
      const { messages, rest } = decodeMessages(this.#bytes);
      this.#bytes = Buffer.from(rest);
      return Buffer.concat(messages.flatMap((message) => this.#reply(message)));
    }

    #auth(): Buffer {
      const uid = Buffer.from(String(process.getuid?.())).toString("hex");
      if (!this.#takeLine(`\0AUTH EXTERNAL ${uid}`)) return Buffer.alloc(0);
      this.#phase = "begin";
      return Buffer.from(`${authAnswer}\r\n`);
    }

    #takeLine(expected: string): boolean {
      const end = this.#bytes.indexOf("\r\n");
      if (end < 0) return false;
      const line = this.#bytes.toString("latin1", 0, end);
      if (line !== expected) throw new Error(`the client said ${JSON.stringify(line)}`);
      this.#bytes = this.#bytes.subarray(end + 2);
      return true;
    }

    #reply(call: Received): Buffer[] {
      if (call.type !== 1) throw new Error("the client sent what is no call");
      if (this.#serials.has(call.serial)) throw new Error(`serial ${call.serial} came twice`);
      this.#serials.add(call.serial);
      const isHello = call.member === "Hello" && call.destination === "org.freedesktop.DBus";
      if (isHello === this.#greeted) throw new Error("Hello must come first, and once");
      this.#greeted = true;
      if (isHello) return [replyTo(call, [["s", ":1.7"]]), nameAcquired];
      calls.push(call);
      const values = answer(call);
      return values === undefined ? [] : [replyTo(call, values)];
    }
  }

  server.listen(path);
  await once(server, "listening");
  return {
    address: `unix:path=${path},guid=0123456789abcdef0123456789abcdef`,
    complaints,
    calls,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
      dir.remove();
    },
  };
}

export function replyTo({ serial, sender }: Received, answer: readonly Typed[] | string): Buffer {
  const fields = { 5: serial, ...(sender && { 6: sender }) };
  if (typeof answer !== "string") return encodeMessage({ type: 2, serial: 1000 + serial, fields }, answer);
  return encodeMessage({ type: 3, serial: 1000 + serial, fields: { ...fields, 4: answer } }, [["s", "no"]]);
}

/** The signal that a bus sends after Hello. */
const nameAcquired = encodeMessage(
  { type: 4, serial: 1, fields: { 1: "/org/freedesktop/DBus", 2: "org.freedesktop.DBus", 3: "NameAcquired" } },
  [["s", ":1.7"]],
);
