import { compress } from "snappyjs";
import { describe, expect, test } from "vitest";
import { describeBlock } from "../../../src/formats/remote-write/describe.ts";
import { splitBlock } from "../../../src/formats/remote-write/split.ts";
import { readBlock, writeBlock } from "../../../src/formats/remote-write/wire-message.ts";
import { decompress } from "../../../src/lib/snappy-decode.ts";
import { decodeWriteRequest, nanBits, staleBits } from "../../reference/remote-write.ts";
import { decodeRequest } from "../../reference/remote-write-2.ts";
import { rawRequestV2, type WrittenSeries, writeRequestV1, writeRequestV2 } from "../../reference/write-messages.ts";

const histogram = {
  kind: "integer",
  schema: 0,
  zeroThreshold: 0.5,
  sum: 3,
  count: 2n,
  zeroCount: 1n,
  positiveSpans: [{ offset: -1, length: 1 }],
  negativeSpans: [],
  positiveDeltas: [1n],
  negativeDeltas: [],
  isGauge: true,
} as const;

const series: WrittenSeries[] = [
  {
    labels: [
      ["__name__", "up"],
      ["job", "käse"],
    ],
    samples: [
      { bits: 0x3ff8_0000_0000_0000n, timestamp: 1000 },
      { bits: staleBits, timestamp: 2000 },
    ],
    histograms: [],
    exemplars: [{ labels: [["trace_id", "x"]], value: 0.5, timestamp: 900 }],
  },
  { labels: [["__name__", "nan"]], samples: [{ bits: nanBits, timestamp: -1 }], histograms: [], exemplars: [] },
  { labels: [["__name__", "h"]], samples: [], histograms: [{ histogram, timestamp: 5 }], exemplars: [] },
];

const one = compress(writeRequestV1(series));
const two = compress(writeRequestV2(series));

test("a message of 1.0 says the same in 2.0, bit by bit", () => {
  const block = writeBlock(readBlock(one, "prometheus.WriteRequest"), "io.prometheus.write.v2.Request");
  expect(decodeRequest(decompress(block, 1e6))).toEqual(series.map((each) => ({ ...each, metadata: undefined })));
});

test("a message of 2.0 says the same in 1.0, without what 1.0 has no place for", () => {
  const block = writeBlock(readBlock(two, "io.prometheus.write.v2.Request"), "prometheus.WriteRequest");
  expect(decodeWriteRequest(decompress(block, 1e6))).toEqual(series);
});

test("a start timestamp, which 1.0 has no field for, goes without", () => {
  const start = { startTimestamp: 4, timestamp: 5 };
  const payload = compress(
    rawRequestV2({
      symbols: ["", "__name__", "a", "h"],
      timeseries: [
        { labelsRefs: [1, 2], samples: [{ value: "0", ...start }] },
        { labelsRefs: [1, 3], histograms: [{ countInt: 2, zeroCountInt: 2, ...start }] },
      ],
    }),
  );
  const messages = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"] as const;
  const [first, second] = messages.map((message) =>
    decompress(writeBlock(readBlock(payload, "io.prometheus.write.v2.Request"), message), 1e6),
  );
  // Tag 17 of a varint takes two bytes.
  const startOfHistogram = Buffer.from([0x88, 0x01, 0x04]);
  expect(Buffer.from(decompress(payload, 1e6)).includes(startOfHistogram)).toBe(true);
  expect(Buffer.from(first!).includes(startOfHistogram)).toBe(false);
  expect(decodeWriteRequest(first!).map(({ samples }) => samples)).toEqual([[{ bits: 0n, timestamp: 5 }], []]);
  expect(decodeRequest(second!)).toHaveLength(2);
});

describe("a block is cut", () => {
  test("by its series, in their order", () => {
    const halves = splitBlock(one, "prometheus.WriteRequest")!;
    expect(halves.map(({ records }) => records)).toEqual([3, 2]);
    expect(halves.flatMap(({ payload }) => decodeWriteRequest(decompress(payload, 1e6)))).toEqual(series);
  });

  test("with all symbols in both halves", () => {
    const halves = splitBlock(two, "io.prometheus.write.v2.Request")!;
    const sent = halves.flatMap(({ payload }) => decodeRequest(decompress(payload, 1e6)));
    expect(sent.map(({ labels }) => labels)).toEqual(series.map(({ labels }) => labels));
  });

  test("until there is one series in it", () => {
    const [first] = splitBlock(one, "prometheus.WriteRequest")!;
    expect(splitBlock(first.payload, "prometheus.WriteRequest")).toBeUndefined();
  });
});

test("a block is described for people, whatever its version", () => {
  const described = [
    {
      labels: { __name__: "up", job: "käse" },
      samples: [
        [1000, "1.5"],
        [2000, "stale"],
      ],
      exemplars: 1,
    },
    { labels: { __name__: "nan" }, samples: [[-1, "NaN"]] },
    { labels: { __name__: "h" }, samples: [], histograms: 1 },
  ];
  expect(describeBlock(one, "prometheus.WriteRequest")).toEqual(described);
  expect(describeBlock(two, "io.prometheus.write.v2.Request")).toEqual(described);
});
