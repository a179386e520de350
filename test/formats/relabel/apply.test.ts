import fc from "fast-check";
import { expect, test } from "vitest";
import { relabel } from "../../../src/formats/relabel/apply.ts";
import { compileRule } from "../../../src/formats/relabel/compile.ts";
import { formatLabels, type Labels, labelsFrom } from "../../../src/signals/labels.ts";
import type { RelabelRule } from "../../../src/signals/relabel-rule.ts";
import { relabelSlowly } from "../../reference/relabel.ts";
import { anyLabels, anyRule, rule } from "./rules.ts";

/** Checks the twin as well: a table that only one of the two passes is a table that is wrong. */
function f(rules: Partial<RelabelRule>[], labels: Record<string, string>, want: Record<string, string> | "dropped") {
  const complete = rules.map(rule);
  expect(show(relabel(complete.map(compileRule), labelsFrom(labels)))).toBe(
    want === "dropped" ? want : show(labelsFrom(want)),
  );
  expect(relabelSlowly(complete, labelsFrom(labels))).toEqual(want === "dropped" ? undefined : labelsFrom(want));
}

function show(labels: Labels | undefined): string {
  return labels === undefined ? "dropped" : formatLabels(labels);
}

test("replace sets the target to the replacement when the whole value matches", () => {
  f([{ source_labels: ["a"], regex: "f(.*)", target_label: "b", replacement: "$1x" }], { a: "foo" }, { a: "foo" });
  f(
    [{ source_labels: ["a"], regex: "f(.*)", target_label: "b", replacement: "${1}x" }],
    { a: "foo" },
    { a: "foo", b: "oox" },
  );
  f([{ source_labels: ["a"], regex: "o", target_label: "b" }], { a: "foo" }, { a: "foo" });
  f([{ source_labels: ["a", "b"], regex: "1;(2)", target_label: "c" }], { a: "1", b: "2" }, { a: "1", b: "2", c: "2" });
  f([{ source_labels: ["a", "b"], separator: "", target_label: "c" }], { a: "1", b: "2" }, { a: "1", b: "2", c: "12" });
  f([{ source_labels: ["none"], regex: "", target_label: "b", replacement: "x" }], { a: "1" }, { a: "1", b: "x" });
  f([{ target_label: "b", replacement: "x" }], {}, { b: "x" });
  f(
    [{ source_labels: ["a"], regex: "x.y", target_label: "b", replacement: "1" }],
    { a: "x\ny" },
    { a: "x\ny", b: "1" },
  );
});

test("replace with an empty result deletes the target", () => {
  f([{ source_labels: ["none"], target_label: "a" }], { a: "1", b: "2" }, { b: "2" });
  f([{ target_label: "a", replacement: "$9" }], { a: "1", b: "2" }, { b: "2" });
  f([{ target_label: "c", replacement: "" }], { a: "1" }, { a: "1" });
});

test("replace may take its target from the match, and does nothing where that is no name", () => {
  const swap = { source_labels: ["a"], regex: "(.*)=(.*)", target_label: "$1", replacement: "$2" };
  f([swap], { a: "b=1" }, { a: "b=1", b: "1" });
  f([swap], { a: "=1" }, { a: "=1" });
  f([swap], { a: "été=1" }, { a: "été=1", été: "1" });
  f([{ ...swap, target_label: "${1}_x" }], { a: "b=1" }, { a: "b=1", b_x: "1" });
  f([{ ...swap, target_label: "$&" }], { a: "b=1" }, { a: "b=1", "$&": "1" });
});

test("rules see what the rules before them did", () => {
  f(
    [
      { source_labels: ["a"], target_label: "b" },
      { source_labels: ["b"], target_label: "c", replacement: "<$1>" },
      { regex: "a|b", action: "labeldrop" },
    ],
    { a: "1" },
    { c: "<1>" },
  );
});

test("keep and drop decide on the whole set and end it", () => {
  f([{ source_labels: ["env"], regex: "prod|qa", action: "keep" }], { env: "prod" }, { env: "prod" });
  f([{ source_labels: ["env"], regex: "prod|qa", action: "keep" }], { env: "production" }, "dropped");
  f([{ source_labels: ["env"], regex: "prod", action: "keep" }], {}, "dropped");
  f([{ source_labels: ["env"], regex: "prod", action: "drop" }], { env: "prod" }, "dropped");
  f([{ source_labels: ["env"], regex: "PROD.*", action: "drop" }], { env: "prod" }, { env: "prod" });
  f([{ source_labels: ["env"], regex: "", action: "drop" }], {}, "dropped");
});

test("keepequal and dropequal compare with the target label, absent labels being empty", () => {
  const equal = { source_labels: ["port"], target_label: "want" };
  f([{ ...equal, action: "keepequal" }], { port: "80", want: "80" }, { port: "80", want: "80" });
  f([{ ...equal, action: "keepequal" }], { port: "80", want: "81" }, "dropped");
  f([{ ...equal, action: "keepequal" }], { other: "80" }, { other: "80" });
  f([{ ...equal, action: "dropequal" }], { port: "80", want: "80" }, "dropped");
  f([{ ...equal, action: "dropequal" }], { port: "80" }, { port: "80" });
  f([{ ...equal, action: "dropequal" }], {}, "dropped");
});

test("hashmod takes the last eight bytes of the MD5 as one 64-bit number", () => {
  // printf foobar | md5sum: 3858f62230ac3c91 5f300c664312c63f; the second half modulo 1000.
  f(
    [{ source_labels: ["a"], target_label: "h", action: "hashmod", modulus: 1000 }],
    { a: "foobar" },
    { a: "foobar", h: "783" },
  );
  f([{ source_labels: ["a"], target_label: "h", action: "hashmod", modulus: 1 }], { a: "é" }, { a: "é", h: "0" });
  f(
    [{ source_labels: [], target_label: "h", action: "hashmod", modulus: Number.MAX_SAFE_INTEGER }],
    { a: "1" },
    { a: "1", h: "10552415373770" },
  );
});

test("labelmap copies labels whose name matches, and leaves them in place", () => {
  f(
    [{ regex: "__meta_(.+)", action: "labelmap" }],
    { __meta_a: "1", __meta_b: "2", c: "3" },
    { __meta_a: "1", __meta_b: "2", a: "1", b: "2", c: "3" },
  );
  f([{ regex: "a", replacement: "${0}_$0", action: "labelmap" }], { a: "1" }, { a: "1", a_a: "1" });
  f([{ regex: "f)|(o", replacement: "x", action: "labelmap" }], { foo: "1" }, { foo: "1", xox: "1" });
});

test("labelmap visits labels by name, then those that rules have set, in the order they were set", () => {
  const map = { regex: "[abc]", replacement: "won", action: "labelmap" } as const;
  const setA = { target_label: "a", replacement: "set" };
  const setB = { target_label: "b", replacement: "set b" };
  const deleteA = { regex: "a", action: "labeldrop" } as const;
  f([map], { c: "3", a: "1", b: "2" }, { a: "1", b: "2", c: "3", won: "3" });
  f([setA, map], { c: "3", a: "1", b: "2" }, { a: "set", b: "2", c: "3", won: "set" });
  f([setA, setB, setA, map], { c: "3" }, { a: "set", b: "set b", c: "3", won: "set b" });
  f([setA, setB, deleteA, setA, map], { c: "3" }, { a: "set", b: "set b", c: "3", won: "set" });
});

test("labelmap walks over a snapshot: it does not meet what it has just set", () => {
  f([{ regex: "(a+)", replacement: "${1}a", action: "labelmap" }], { a: "1", aa: "2" }, { a: "1", aa: "1", aaa: "2" });
});

test("labeldrop and labelkeep take labels by name, __name__ too", () => {
  f([{ regex: "b.*", action: "labeldrop" }], { a: "1", b: "2", bb: "3" }, { a: "1" });
  f([{ regex: "b.*", action: "labelkeep" }], { a: "1", b: "2", bb: "3" }, { b: "2", bb: "3" });
  f([{ action: "labeldrop" }], { __name__: "up", a: "1" }, {});
});

test("lowercase and uppercase map the joined value into the target", () => {
  f(
    [{ source_labels: ["a", "b"], target_label: "c", action: "lowercase" }],
    { a: "AbC", b: "É" },
    { a: "AbC", b: "É", c: "abc;é" },
  );
  f([{ source_labels: ["a"], target_label: "a", action: "uppercase" }], { a: "straße" }, { a: "STRAßE" });
  f([{ source_labels: ["none"], target_label: "a", action: "uppercase" }], { a: "x", b: "y" }, { b: "y" });
});

test("labels come out in the order of their bytes", () => {
  f(
    [
      { target_label: "\uff5e", replacement: "1" },
      { target_label: "😀", replacement: "2" },
    ],
    { b: "3" },
    {
      b: "3",
      "\uff5e": "1",
      "😀": "2",
    },
  );
});

test("rules that change nothing give the very same set", () => {
  const labels = labelsFrom({ a: "1", b: "2" });
  const rules = [rule({ target_label: "a", replacement: "1" }), rule({ regex: "c", action: "labeldrop" })];
  expect(relabel(rules.map(compileRule), labels)).toBe(labels);
});

test("any rules on any labels give what rule by rule evaluation gives", () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 5 }), anyLabels, (rules, labels) => {
      expect(relabel(rules.map(compileRule), labels)).toEqual(relabelSlowly(rules, labels));
    }),
    { numRuns: 5_000 },
  );
});

test("patterns at which backtracking hangs come to an end on a label of 64 KiB", () => {
  // What takes time that grows with the square of the length would need 4e9 steps, and this test's patience would end.
  const value = "a".repeat(64 * 2 ** 10);
  for (const regex of ["(a+)+b", "(a|aa)*c", "(a*)*b", "(.*)(.*)(.*)x", "(?:a?){50}b"]) {
    f([{ source_labels: ["a"], regex, target_label: "b" }], { a: value }, { a: value });
    f([{ action: "labelmap", regex, replacement: "x" }], { [value]: "1" }, { [value]: "1" });
  }
});
