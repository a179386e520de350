import { describe, expect, test } from "vitest";
import { z } from "zod";
import { relabelRule, relabelRules } from "../../../src/config/fields/relabel-rule.ts";
import { rule } from "../../formats/relabel/rules.ts";

function accepts(given: unknown, want: Parameters<typeof rule>[0]) {
  expect(relabelRule.parse(given)).toEqual(rule(want));
}

function refuses(given: unknown, ...want: string[]) {
  const issues = relabelRule.safeParse(given).error?.issues ?? [];
  expect(issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual(want);
}

describe("a rule", () => {
  test("has Prometheus' defaults", () => {
    accepts({ target_label: "a" }, { target_label: "a" });
    accepts({ action: "keep" }, { action: "keep" });
    accepts({ action: "labelmap" }, { action: "labelmap" });
  });

  test("names its action in any case, and nothing else", () => {
    accepts({ action: "LabelDrop", regex: "a" }, { action: "labeldrop", regex: "a" });
    refuses({ action: "label_drop" }, expect.stringMatching(/^action: Invalid option: expected one of "replace"\|/));
    refuses({ action: " keep" }, expect.stringContaining("action: "));
    refuses({ action: null }, "action: expected the name of an action");
  });

  test("takes null for the empty text, not for the default", () => {
    accepts({ target_label: "a", regex: null }, { target_label: "a", regex: "" });
    accepts({ target_label: "a", separator: null }, { target_label: "a", separator: "" });
    accepts({ target_label: "a", replacement: null }, { target_label: "a", replacement: "" });
    accepts({ target_label: "a", source_labels: null }, { target_label: "a", source_labels: [] });
  });

  test("takes numbers and booleans for their spelling", () => {
    accepts({ target_label: 5, replacement: 80 }, { target_label: "5", replacement: "80" });
    accepts(
      { action: "keep", source_labels: ["a"], regex: true },
      { action: "keep", source_labels: ["a"], regex: "true" },
    );
    refuses({ target_label: "a", replacement: 1.5 }, "replacement: expected text; put a number with a point in quotes");
  });

  test("is a mapping of known keys", () => {
    refuses(null, ": Invalid input: expected object, received null");
    refuses({ target_label: "a", regexp: "b" }, ': Unrecognized key: "regexp"');
    refuses({ target_label: "a", source_labels: "b" }, "source_labels: Invalid input: expected array, received string");
    refuses({ target_label: "a", source_labels: ["b", ""] }, "source_labels.1: a label name cannot be empty");
  });

  test("holds a regex that RE2 understands, for every action", () => {
    const want = "regex: not an RE2 expression: missing closing ): `^(?s:(a)$`";
    refuses({ target_label: "a", regex: "(a" }, want);
    refuses({ target_label: "a", regex: "(a", action: "lowercase" }, want);
    refuses(
      { target_label: "a", regex: "(?!a)b" },
      "regex: not an RE2 expression: invalid or unsupported Perl syntax: `(?!`",
    );
    accepts({ target_label: "a", regex: "f)|(o" }, { target_label: "a", regex: "f)|(o" });
  });

  test("needs a target label where there is something to put", () => {
    for (const action of ["replace", "lowercase", "uppercase", "keepequal", "dropequal"]) {
      refuses({ action }, `target_label: ${action} needs a target_label`);
    }
    refuses({}, "target_label: replace needs a target_label");
    refuses({ target_label: null }, "target_label: replace needs a target_label");
  });
});

describe("hashmod", () => {
  test("needs a whole divisor above zero, and cuts off a fraction", () => {
    accepts(
      { action: "hashmod", target_label: "a", modulus: 1.5 },
      { action: "hashmod", target_label: "a", modulus: 1 },
    );
    refuses({ action: "hashmod", target_label: "a" }, "modulus: hashmod needs a modulus of at least 1");
    refuses({ action: "hashmod", target_label: "a", modulus: 0.5 }, "modulus: hashmod needs a modulus of at least 1");
    refuses({ action: "hashmod", target_label: "a", modulus: -1 }, expect.stringContaining("modulus: Too small"));
    refuses(
      { action: "hashmod", target_label: "a", modulus: "8" },
      "modulus: Invalid input: expected number, received string",
    );
  });
});

describe("labelmap", () => {
  test("needs a replacement", () => {
    refuses({ action: "labelmap", replacement: "" }, "replacement: labelmap needs a replacement");
    accepts({ action: "labelmap", target_label: "x" }, { action: "labelmap", target_label: "x" });
  });
});

describe("keepequal and dropequal", () => {
  test("refuse what they would ignore, and allow a default spelled out", () => {
    const equal = { action: "keepequal", source_labels: ["a"], target_label: "b" } as const;
    accepts({ ...equal, separator: ";", replacement: "$1" }, equal);
    accepts({ ...equal, source_labels: [] }, { ...equal, source_labels: [] });
    refuses({ ...equal, regex: "(.*)" }, "regex: regex means nothing to keepequal; leave it out");
    refuses(
      { ...equal, separator: ",", modulus: 2, replacement: "x" },
      "separator: separator means nothing to keepequal; leave it out",
      "modulus: modulus means nothing to keepequal; leave it out",
      "replacement: replacement means nothing to keepequal; leave it out",
    );
  });
});

describe("labeldrop and labelkeep", () => {
  test("take a regex and nothing else, but allow a default spelled out", () => {
    accepts({ action: "labelkeep", separator: ";", replacement: "$1" }, { action: "labelkeep" });
    refuses(
      { action: "labeldrop", source_labels: [] },
      "source_labels: source_labels means nothing to labeldrop; leave it out",
    );
    refuses(
      { action: "labelkeep", target_label: "a" },
      "target_label: target_label means nothing to labelkeep; leave it out",
    );
  });
});

describe("lowercase and uppercase", () => {
  test("refuse a replacement and ignore a regex", () => {
    accepts(
      { action: "uppercase", target_label: "a", regex: "b" },
      { action: "uppercase", target_label: "a", regex: "b" },
    );
    refuses(
      { action: "uppercase", target_label: "a", replacement: "x" },
      "replacement: replacement means nothing to uppercase; leave it out",
    );
  });
});

test("mistakes in a list of rules name the rule", () => {
  const issues = relabelRules.safeParse([{ target_label: "a" }, { action: "hashmod", target_label: "b" }]).error
    ?.issues;
  expect(issues?.map(({ path }) => path)).toEqual([[1, "modulus"]]);
});

test("the editor's schema knows the defaults", () => {
  const { properties = {} } = z.toJSONSchema(relabelRule, { io: "input" });
  const defaults = Object.entries(properties).map(([name, field]) => [name, (field as { default?: unknown }).default]);
  expect(Object.fromEntries(defaults)).toMatchObject({
    separator: ";",
    replacement: "$1",
    action: "replace",
  });
});
