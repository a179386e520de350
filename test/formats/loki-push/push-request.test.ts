import fc from "fast-check";
import { expect, test } from "vitest";
import { LokiPushError } from "../../../src/formats/loki-push/loki-push-error.ts";
import { decodePushRequest, encodePushRequest } from "../../../src/formats/loki-push/push-request.ts";
import { formatStreamLabels } from "../../../src/formats/loki-push/stream-labels.ts";
import { ProtobufError } from "../../../src/lib/protobuf-reader.ts";
import { equalLabels, labelsFrom, noLabels } from "../../../src/signals/labels.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";
import { readPushRequest, writePushRequest } from "../../reference/loki-push.ts";

const text = fc.string({ unit: "binary", maxLength: 300 });
const labels = fc.dictionary(fc.constantFrom("app", "env", "__x", "with space"), text).map(labelsFrom);
const timestamp = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 1n, 999_999_999n, 1_000_000_000n, -1_000_000_000n, 1_767_225_600_000_000_001n),
);
const batch: fc.Arbitrary<LogBatch> = fc
  .tuple(labels, fc.array(fc.tuple(timestamp, text, fc.oneof(fc.constant(noLabels), labels)), { minLength: 1 }))
  .map(([stream, entries]) => {
    const metadata = entries.map(([, , pairs]) => pairs);
    return {
      stream,
      timestamps: BigInt64Array.from(entries.map(([time]) => time)),
      lines: entries.map(([, line]) => line),
      ...(metadata.some(({ length }) => length > 0) && { metadata }),
    };
  });
/** Of different streams. */
const batches = fc.uniqueArray(batch, { comparator: (a, b) => equalLabels(a.stream, b.stream) });

test("a push request says what protobufjs reads in it", () => {
  fc.assert(
    fc.property(batches, (sent) => {
      expect(readPushRequest(encodePushRequest(sent))).toEqual(
        sent.map(({ stream, timestamps, lines, metadata }) => ({
          labels: formatStreamLabels(stream),
          entries: lines.map((line, at) => ({
            timestamp: timestamps[at],
            line,
            metadata: metadata?.[at] ?? noLabels,
          })),
        })),
      );
    }),
  );
});

test("a push request is read as it was written", () => {
  fc.assert(
    fc.property(batches, (sent) => {
      expect(decodePushRequest(encodePushRequest(sent))).toEqual(sent);
    }),
  );
});

test("batches of the same labels become one stream, in their order", () => {
  const stream = ["app", "api"];
  const batchOf = (timestamp: bigint, line: string): LogBatch => ({
    stream,
    timestamps: BigInt64Array.of(timestamp),
    lines: [line],
  });
  expect(decodePushRequest(encodePushRequest([batchOf(2n, "b"), batchOf(1n, "a")]))).toEqual([
    { stream, timestamps: BigInt64Array.of(2n, 1n), lines: ["b", "a"] },
  ]);
});

test("fields that only the server fills are passed over, and streams without entries too", () => {
  const request = writePushRequest([
    { labels: '{a="b"}', hash: 7, entries: [{ line: "x", parsed: [{ name: "p", value: "q" }] }] },
    { labels: '{c="d"}' },
  ]);
  expect(decodePushRequest(request)).toEqual([{ stream: ["a", "b"], timestamps: BigInt64Array.of(0n), lines: ["x"] }]);
});

test("a line that is not UTF-16 is sent with replacement characters", () => {
  const sent = encodePushRequest([{ stream: ["a", "b"], timestamps: BigInt64Array.of(1n), lines: ["x\ud800y"] }]);
  expect(decodePushRequest(sent)[0]?.lines).toEqual(["x\ufffdy"]);
});

test("bytes that are no push request are refused", () => {
  expect(() => decodePushRequest(Buffer.from("hello"))).toThrow(ProtobufError);
  expect(() => decodePushRequest(writePushRequest([{ labels: "app", entries: [{}] }]))).toThrow(LokiPushError);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        decodePushRequest(bytes);
      } catch (error) {
        expect(error instanceof ProtobufError || error instanceof LokiPushError).toBe(true);
      }
    }),
  );
});
