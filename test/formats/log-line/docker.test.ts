import { expect, test } from "vitest";
import { parseDocker } from "../../../src/formats/log-line/docker.ts";

test("a line of the json-file driver has its three fields read and others left out", () => {
  const line = '{"log":"a \\"b\\"\\n","stream":"stderr","attrs":{"x":"y"},"time":"2026-01-02T03:04:05.6Z"}';
  expect(parseDocker(line)).toEqual({ log: 'a "b"\n', stream: "stderr", time: "2026-01-02T03:04:05.6Z" });
  expect(parseDocker("{}")).toEqual({ log: "", stream: "", time: "" });
});

test.each(["", "text", "[]", "null", '"log"', '{"log":1}', '{"log":"x","stream":null}', '{"log":"x"'])(
  "%j is not of the json-file driver",
  (line) => {
    expect(parseDocker(line)).toBeUndefined();
  },
);
