import { describe, expect, test } from "vitest";
import type { TailOptions } from "../../../src/engines/tail/tail-options.ts";
import { move, type RotationCase, rotationCases } from "../../support/rotation-cases.ts";
import { Tailing } from "../../support/tailing.ts";

interface Case extends RotationCase {
  readonly options?: Partial<TailOptions>;
}

const cases: readonly Case[] = [
  ...rotationCases,
  {
    name: "few descriptors",
    options: { maxOpenFiles: 1 },
    before(tailing) {
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
    },
    event(tailing) {
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
      move(tailing, "a.log", "a.log.1");
      move(tailing, "b.log", "b.log.1");
      for (const name of ["a.log", "b.log", "c.log"]) tailing.writeLines(name, 5);
    },
  },
];

function begin({ patterns, options, before }: Case, tailing: Tailing): void {
  if (before === undefined) tailing.writeLines("a.log", 10);
  else before(tailing);
  tailing.start(patterns, options);
}

async function allArrive(tailing: Tailing): Promise<void> {
  await tailing.until(() => tailing.missing.length === 0);
  // What comes twice comes soon after, or at the next search.
  await tailing.pass(25_000);
}

describe.each(cases)("$name", (one) => {
  test("nothing is lost or repeated while the agent runs", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    one.event(tailing, true);
    await allArrive(tailing);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });

  test("nothing is lost or repeated where the agent was stopped meanwhile", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    await tailing.stop();
    one.event(tailing, false);
    tailing.start(one.patterns, one.options);
    await allArrive(tailing);
    await tailing.stop();
    tailing.start(one.patterns, one.options);
    await tailing.pass(25_000);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });

  test("nothing is lost where the agent was killed, and only what came after the last snapshot is repeated", async () => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    const delivered = tailing.lines().join("\n").length + 1;
    await tailing.until(() => tailing.savedBytes === delivered);
    tailing.writeLines(one.active ?? "a.log", 6);
    await tailing.until(() => tailing.missing.length === 0);
    await tailing.kill();
    one.event(tailing, false);
    tailing.start(one.patterns, one.options);
    await allArrive(tailing);
    expect(tailing.surplus).toBeLessThanOrEqual(6);
    await tailing.stop();
  });

  test.each(["refuses", "waits"] as const)("nothing is lost or repeated while the receiver %s", async (mood) => {
    using tailing = new Tailing();
    begin(one, tailing);
    await allArrive(tailing);
    tailing.mood = mood;
    one.event(tailing, true);
    await tailing.pass(90_000);
    tailing.mood = "takes";
    await allArrive(tailing);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  });
});
