import { expect, test } from "vitest";
import { parseUdev } from "../../../src/formats/procfs/udev.ts";

test("only properties are read, up to the first equals sign", () => {
  const text = "S:disk/by-path/x=y\nE:ID_MODEL=A=B\nE:ID_SERIAL=\nI:12\nE:broken\nG:systemd\n";
  expect(Object.fromEntries(parseUdev(text))).toEqual({ ID_MODEL: "A=B", ID_SERIAL: "" });
});
