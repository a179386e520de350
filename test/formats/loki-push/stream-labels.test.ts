import fc from "fast-check";
import { expect, test } from "vitest";
import { LokiPushError } from "../../../src/formats/loki-push/loki-push-error.ts";
import { formatStreamLabels, parseStreamLabels } from "../../../src/formats/loki-push/stream-labels.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";

const anyLabels = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })).map(labelsFrom);

test("labels are written as a selector", () => {
  expect(formatStreamLabels([])).toBe("{}");
  expect(formatStreamLabels(["app", "api", "env", 'a"b\\c\nd\u0001\ufffd'])).toBe(
    '{app="api", env="a\\"b\\\\c\\nd\\u0001\\ufffd"}',
  );
  expect(formatStreamLabels(["k8s.pod", "half \ud800"])).toBe('{"k8s.pod"="half \\ufffd"}');
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(anyLabels, (labels) => {
      expect(parseStreamLabels(formatStreamLabels(labels))).toEqual(labels);
    }),
  );
});

test.for([
  ["{}", []],
  [' { b = "2" , a="1", } ', ["a", "1", "b", "2"]],
  ["{a='it\\'s', b=`\\n raw`}", ["a", "it's", "b", "\\n raw"]],
  ['{a="", b="x"}', ["b", "x"]],
  ['{a="1", a="2"}', ["a", "2"]],
  ['{a="\\x41\\101\\u00e9\\U0001f600\\t\\xc3\\xa9"}', ["a", "AAé😀\té"]],
  ['{"k8s.pod"="x"}', ["k8s.pod", "x"]],
] as const)("%s is read", ([text, labels]) => {
  expect(parseStreamLabels(text)).toEqual(labels);
});

test.for([
  ["", 'expected "{" at character 1'],
  ["app", 'expected "{" at character 1'],
  ["{", "expected a label's name at character 2"],
  ["{a", 'expected "=" at character 3'],
  ['{a!="b"}', 'expected "=" at character 3'],
  ["{a=b}", "expected a quoted value at character 4"],
  ['{a="b}', "expected a quoted value at character 4"],
  ['{a="b" c="d"}', 'expected "," or "}" at character 7'],
  ['{a="b"} x', "expected the end at character 9"],
  ['{a="\\q"}', "\\q is no escape"],
  ['{a="\\u12"}', "\\u is no escape"],
  ['{a="\\ud800"}', "\\ud800 is no escape"],
] as const)("%s is refused", ([text, reason]) => {
  expect(() => parseStreamLabels(text)).toThrow(new LokiPushError(`cannot parse labels ${text}: ${reason}`));
});
