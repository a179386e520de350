import { expect, test } from "vitest";
import { pathElement } from "../../../src/lib/dbus/values.ts";

test("a unit's name becomes an element of an object path", () => {
  const f = (name: string, want: string) => expect(pathElement(name)).toBe(want);

  f("cron.service", "cron_2eservice");
  f("9p.mount", "_39p_2emount");
  f("a9-b@c.service", "a9_2db_40c_2eservice");
  f("ü", "_c3_bc");
  f("", "_");
});
