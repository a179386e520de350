import { expect, test } from "vitest";
import { isBcryptHash, matchesBcrypt } from "../../src/lib/bcrypt.ts";

/** Of OpenBSD's and crypt_blowfish's published test vectors. */
const vectors = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
] as const;

test("a password matches its hash and no other", async () => {
  for (const [password, hash] of vectors) {
    expect(await matchesBcrypt(password, hash)).toBe(true);
    expect(await matchesBcrypt(`${password}!`, hash)).toBe(false);
  }
});

test("htpasswd's spelling of the version is the same hash", async () => {
  const [password, hash] = vectors[0];
  expect(await matchesBcrypt(password, hash.replace("$2a$", "$2y$"))).toBe(true);
});

test("what is no bcrypt hash is told apart", () => {
  const f = (text: string, want: boolean) => expect(isBcryptHash(text)).toBe(want);

  f(vectors[0][1], true);
  f(vectors[0][1].replace("$2a$", "$2b$"), true);
  f(vectors[0][1].replace("$05$", "$03$"), false);
  f(vectors[0][1].replace("$05$", "$32$"), false);
  f(vectors[0][1].slice(0, -1), false);
  f("$apr1$salt$hash", false);
  f("secret", false);
  f("", false);
});
