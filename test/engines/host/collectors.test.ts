import { expect, test } from "vitest";
import { collectors, selectCollectors } from "../../../src/engines/host/collectors.ts";

test("lists set, add and take away; taking away wins", () => {
  const f = (set: string[] | undefined, enable: string[], disable: string[], want: string[]) =>
    expect(selectCollectors({ set, enable, disable }).map(({ name }) => name)).toEqual(want);

  const byDefault = collectors.filter(({ enabledByDefault }) => enabledByDefault).map(({ name }) => name);
  f(undefined, [], [], byDefault);
  f(["time", "cpu"], [], [], ["cpu", "time"]);
  f(["time"], ["cpu"], [], ["cpu", "time"]);
  f(["time"], ["cpu"], ["cpu"], ["time"]);
  f([], [], [], []);
});
