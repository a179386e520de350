import { expect, test } from "vitest";
import { decodeMessage, encodeCall, messageLength } from "../../../src/lib/dbus/message.ts";
import { decodeMessages, encodeMessage } from "../../support/dbus-peer.ts";

const call = { destination: "a.b", path: "/p", interface: "i.f", member: "Get", args: ["ü".repeat(300), ""] };

test("a call is what a strict reader takes, whatever its strings", () => {
  const { messages, rest } = decodeMessages(Buffer.concat([encodeCall(call, 7), encodeCall({ ...call, args: [] }, 8)]));
  expect(rest).toHaveLength(0);
  const common = { type: 1, path: "/p", interface: "i.f", member: "Get", destination: "a.b", sender: "" };
  expect(messages).toEqual([
    { ...common, serial: 7, args: call.args },
    { ...common, serial: 8, args: [] },
  ]);
});

test("a message's length is told by its first 16 bytes", () => {
  const bytes = encodeCall(call, 1);
  expect(messageLength(bytes.subarray(0, 15))).toBeUndefined();
  expect(messageLength(bytes.subarray(0, 16))).toBe(bytes.length);
});

test("what is no message, or longer than one may be, is refused", () => {
  expect(() => messageLength(Buffer.alloc(16, "x"))).toThrow("what came is no D-Bus message");
  const endless = Buffer.from("6c02000100000010010000000000000000", "hex");
  expect(() => messageLength(endless)).toThrow("a message is longer than D-Bus allows");
});

test("a reply tells what it answers, an error its name", () => {
  const reply = encodeMessage({ type: 2, serial: 9, fields: { 5: 4 } }, [["v", ["u", 3]]]);
  expect(decodeMessage(reply)).toEqual({ type: 2, replySerial: 4, errorName: "", body: [3] });
  const error = encodeMessage({ type: 3, serial: 9, fields: { 5: 4, 4: "a.Error" } }, []);
  expect(decodeMessage(error)).toEqual({ type: 3, replySerial: 4, errorName: "a.Error", body: [] });
});
