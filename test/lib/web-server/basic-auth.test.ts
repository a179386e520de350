import { expect, test } from "vitest";
import { BasicAuth } from "../../../src/lib/web-server/basic-auth.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** The password is "U*U". */
const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

test("without users nobody is asked", async () => {
  expect(await new BasicAuth({}, new FakeClock()).check(undefined, "a")).toBe("allowed");
});

test("only a known user with the right password comes in", async () => {
  const auth = new BasicAuth({ alice: hash }, new FakeClock());
  const f = async (header: string | undefined, want: string) => expect(await auth.check(header, "a")).toBe(want);

  await f(basic("alice:U*U"), "allowed");
  await f(basic("alice:U*U").replace("Basic", "bASIC"), "allowed");
  await f(basic("alice:"), "denied");
  await f(basic("bob:U*U"), "denied");
  await f(basic("alice"), "denied");
  await f("Bearer token", "denied");
  await f("Basic !", "denied");
  await f("", "denied");
  await f(undefined, "denied");
});

test("a user and a password that look alike when joined are not taken for one another", async () => {
  const auth = new BasicAuth({ alice: hash }, new FakeClock());
  expect(await auth.check(basic("alice:U*U"), "a")).toBe("allowed");
  expect(await auth.check(basic("aliceU:*U"), "a")).toBe("denied");
  expect(await auth.check(basic("alic:eU*U"), "a")).toBe("denied");
});

test("who guesses is no longer checked, and holds up nobody at another address", async () => {
  const clock = new FakeClock();
  const auth = new BasicAuth({ alice: hash }, clock);
  const guess = (n: number) => auth.check(basic(`alice:${n}`), "guesser");
  for (let n = 0; n < 10; n++) expect(await guess(n)).toBe("denied");
  expect(await guess(10)).toBe("throttled");
  expect(await auth.check(basic("alice:U*U"), "guesser")).toBe("throttled");
  expect(await auth.check(basic("alice:U*U"), "friend")).toBe("allowed");
  await clock.advance(6000);
  expect(await guess(11)).toBe("denied");
  expect(await guess(12)).toBe("throttled");
});

test("a login that was right once is remembered", async () => {
  const auth = new BasicAuth({ alice: hash }, new FakeClock());
  expect(await auth.check(basic("alice:U*U"), "a")).toBe("allowed");
  for (let n = 0; n < 11; n++) await auth.check(basic(`alice:${n}`), "a");
  expect(await auth.check(basic("alice:U*U"), "a")).toBe("allowed");
});
