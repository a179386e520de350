import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeJson, encodeJson } from "../../../src/formats/loki-push/json.ts";
import { LokiPushError } from "../../../src/formats/loki-push/loki-push-error.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";

const batches: LogBatch[] = [
  {
    stream: ["app", "api", "env", "prod"],
    timestamps: BigInt64Array.of(1_767_225_600_000_000_001n, -5n),
    lines: ['a "line"', ""],
    metadata: [["trace", "1f"], []],
  },
  { stream: ["app", "db"], timestamps: BigInt64Array.of(2n ** 63n - 1n), lines: ["x"] },
];

test("entries are written as Loki's API documents them, and read back", () => {
  const text =
    '{"streams":[{"stream":{"app":"api","env":"prod"},"values":[["1767225600000000001","a \\"line\\"",{"trace":"1f"}],' +
    '["-5",""]]},{"stream":{"app":"db"},"values":[["9223372036854775807","x"]]}]}';
  expect(encodeJson(batches)).toBe(text);
  expect(decodeJson(text)).toEqual(batches);
});

test("streams without entries are passed over", () => {
  expect(decodeJson('{"streams":[{"stream":{"a":"b"},"values":[]}]}')).toEqual([]);
});

test.for([
  ["[]", "the body must be an object"],
  ["{}", "streams must be a list"],
  ['{"streams":[1]}', "streams[0] must be an object"],
  ['{"streams":[{"values":[]}]}', "streams[0].stream must be an object"],
  ['{"streams":[{"stream":{"a":1},"values":[]}]}', "streams[0].stream.a must be a string"],
  ['{"streams":[{"stream":{}}]}', "streams[0].values must be a list"],
  ['{"streams":[{"stream":{},"values":[["1"]]}]}', "streams[0].values[0] must be a list of two or three"],
  ['{"streams":[{"stream":{},"values":[[1,"x"]]}]}', "streams[0].values[0][0] must be a string of nanoseconds"],
  ['{"streams":[{"stream":{},"values":[["1.5","x"]]}]}', "streams[0].values[0][0] must be a string of nanoseconds"],
  [
    '{"streams":[{"stream":{},"values":[["9223372036854775808","x"]]}]}',
    "streams[0].values[0][0] must be a string of nanoseconds",
  ],
  ['{"streams":[{"stream":{},"values":[["1",2]]}]}', "streams[0].values[0][1] must be a string"],
  ['{"streams":[{"stream":{},"values":[["1","x",{"a":{}}]]}]}', "streams[0].values[0][2].a must be a string"],
] as const)("%s is refused", ([text, reason]) => {
  expect(() => decodeJson(text)).toThrow(new LokiPushError(reason));
});

test("whatever is no JSON is refused with the place", () => {
  expect(() => decodeJson("{")).toThrow(/^the body is not JSON: /);
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        decodeJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(LokiPushError);
      }
    }),
  );
});
