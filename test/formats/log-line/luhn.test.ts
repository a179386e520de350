import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactLuhn } from "../../../src/formats/log-line/luhn.ts";
import { compileRe2 } from "../../../src/lib/re2.ts";

const plain = { replacement: "#", min_length: 13, delimiters: "" };

describe("redactLuhn", () => {
  test.each([
    ["card 4111111111111111 paid", "card # paid"],
    ["card 4111111111111112 paid", "card 4111111111111112 paid"],
    ["4111111111111111", "#"],
    ["a4111111111111111b378282246310005", "a#b#"],
    ["short 4242424242426742 and 79927398713", "short # and 79927398713"],
    ["4111-1111-1111-1111", "4111-1111-1111-1111"],
    ["٤١١١١١١١١١١١١١١١", "٤١١١١١١١١١١١١١١١"],
    ["41111111111111110000", "41111111111111110000"],
    ["9223372036854775807 9223372036854775808", "9223372036854775807 9223372036854775808"],
    ["0000000000000", "#"],
  ])("makes %j %j", (text, want) => {
    expect(redactLuhn(text, plain)).toBe(want);
  });

  test("looks at runs of min_length digits and more", () => {
    expect(redactLuhn("79927398713", { ...plain, min_length: 11 })).toBe("#");
    expect(redactLuhn("79927398713", { ...plain, min_length: 12 })).toBe("79927398713");
  });

  test("takes digits with delimiters between them for one number, and keeps the delimiters around it", () => {
    const options = { ...plain, delimiters: "- ]^\\" };
    expect(redactLuhn("x 4111-1111 1111-1111 - y", options)).toBe("x # - y");
    expect(redactLuhn("4111]1111^1111\\1111", options)).toBe("#");
    expect(redactLuhn("4111-1111-1111-1112", options)).toBe("4111-1111-1111-1112");
    expect(redactLuhn("4111.1111.1111.1111", options)).toBe("4111.1111.1111.1111");
  });

  test("keeps what skip_regex matches, which divides numbers", () => {
    const options = { ...plain, skip_regex: compileRe2("id=\\d+|x*") };
    expect(redactLuhn("id=4111111111111111 4111111111111111", options)).toBe("id=4111111111111111 #");
    expect(redactLuhn("4111111111111111xx", options)).toBe("#xx");
  });

  test("finds every number that has its check digit", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 17 });
    fc.assert(
      fc.property(digits, (payload) => {
        const sum = payload
          .toReversed()
          .map((digit, at) => (at % 2 === 1 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit))
          .reduce((a, b) => a + b);
        const check = (10 - (sum % 10)) % 10;
        expect(redactLuhn(`${payload.join("")}${check}`, plain)).toBe("#");
        expect(redactLuhn(`${payload.join("")}${(check + 1) % 10}`, plain)).not.toBe("#");
      }),
    );
  });
});
