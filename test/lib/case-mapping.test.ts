import { expect, test } from "vitest";
import { lowercase, uppercase } from "../../src/lib/case-mapping.ts";

test("characters become lowercase one by one", () => {
  function f(text: string, want: string) {
    expect(lowercase(text)).toBe(want);
  }
  f("Hello-1", "hello-1");
  f("ÀÉÎ", "àéî");
  f("ΟΔΟΣ", "οδοσ");
  f("İx", "ix");
  f("𐐀", "𐐨");
  f("ẞ", "ß");
});

test("characters become uppercase one by one, and stay where they have no single capital", () => {
  function f(text: string, want: string) {
    expect(uppercase(text)).toBe(want);
  }
  f("hello-1", "HELLO-1");
  f("straße ŉ ﬁ", "STRAßE ŉ ﬁ");
  f("ᾀᾐᾧ", "ᾈᾘᾯ");
  f("ᾈ", "ᾈ");
  f("ᾳῃῳ", "ᾼῌῼ");
  f("ᾲᾷ", "ᾲᾷ");
  f("𐐨", "𐐀");
});
