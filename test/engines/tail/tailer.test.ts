import { expect, test } from "vitest";
import { Tailing } from "../../support/tailing.ts";

test("lines are read as they come, each once, with times that differ", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\ntwo\n");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 2);
  tailing.write("a.log", "three\n");
  tailing.write("b.log", "first\n");
  await tailing.until(() => tailing.entries.length === 4);
  expect(tailing.lines("a.log")).toEqual(["one", "two", "three"]);
  expect(tailing.lines("b.log")).toEqual(["first"]);
  expect(new Set(tailing.entries.map(({ timestamp }) => timestamp)).size).toBe(4);
  await tailing.stop();
});

test("a stop keeps the position, and the next start goes on", async () => {
  using tailing = new Tailing();
  tailing.write("a.log", "one\nbegin");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 1);
  await tailing.stop();
  tailing.write("a.log", "ning\ntwo\n");
  tailing.start();
  await tailing.until(() => tailing.entries.length === 3);
  await tailing.stop();
  expect(tailing.lines()).toEqual(["one", "beginning", "two"]);
});
