import { expect, test } from "vitest";
import { PeerNames } from "../../../src/engines/syslog/peer-names.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function names(limit: number) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const lookup = (ip: string) => {
    asked.push(ip);
    return ip === "unknown" ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve([`${ip}.test`]);
  };
  return { clock, asked, names: new PeerNames(lookup, clock, limit) };
}

test("a name is asked for once in ten minutes, one that is not known too", async () => {
  const { clock, asked, names: peers } = names(10);
  expect([await peers.of("a"), await peers.of("a")]).toEqual(["a.test", "a.test"]);
  expect([await peers.of("unknown"), await peers.of("unknown")]).toEqual([undefined, undefined]);
  expect(asked).toEqual(["a", "unknown"]);
  await clock.advance(600_000);
  await peers.of("a");
  expect(asked).toEqual(["a", "unknown", "a"]);
});

test("no more than so many are remembered, and the oldest is forgotten", async () => {
  const { asked, names: peers } = names(2);
  for (const ip of ["a", "b", "c", "c", "b", "a"]) await peers.of(ip);
  expect(asked).toEqual(["a", "b", "c", "a"]);
});
