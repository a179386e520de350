import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../src/lib/secret.ts";

test("a secret is given out by reveal alone", () => {
  const secret = new Secret("hunter2");
  expect(secret.reveal()).toBe("hunter2");
  for (const text of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }),
  ]) {
    expect(text).toContain("<secret>");
    expect(text).not.toContain("hunter2");
  }
});
