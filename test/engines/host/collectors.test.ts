import { expect, test } from "vitest";
import { collectorNames, selectCollectors } from "../../../src/engines/host/collectors.ts";

test("lists set, add and take away; taking away wins", () => {
  const f = (set: string[] | undefined, enable: string[], disable: string[], want: string[]) =>
    expect(selectCollectors({ set, enable, disable }).map(({ name }) => name)).toEqual(want);

  f(undefined, [], [], collectorNames);
  f(["time", "cpu"], [], [], ["cpu", "time"]);
  f(["time"], ["cpu"], [], ["cpu", "time"]);
  f(["time"], ["cpu"], ["cpu"], ["time"]);
  f([], [], [], []);
});
