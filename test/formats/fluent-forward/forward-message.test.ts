import { ExtData, encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import {
  decoded,
  ForwardError,
  type ForwardEvents,
  readForwardMessage,
  readPackedEntries,
} from "../../../src/formats/fluent-forward/forward-message.ts";
import { recordJson } from "../../../src/formats/fluent-forward/record-text.ts";

const read = (value: unknown) => readForwardMessage(decoded(encode(value)));

/** `time JSON`, an event a line. */
function shown({ events, malformed }: ForwardEvents): string[] {
  const lines = events.map(({ time = "now", record }) => `${time} ${recordJson(record)}`);
  return malformed === 0 ? lines : [...lines, `${malformed} malformed`];
}

const eventTime = (seconds: number, nanoseconds: number) => {
  const data = Buffer.alloc(8);
  data.writeUInt32BE(seconds, 0);
  data.writeUInt32BE(nanoseconds, 4);
  return new ExtData(0, data);
};

test("every mode is read, with its option", () => {
  const entries = [
    [1, { a: 1 }],
    [2, { b: "x" }],
  ];
  const lines = ['1000000000 {"a":1}', '2000000000 {"b":"x"}'];
  const events = (value: unknown) => {
    const { content, ...rest } = read(value)!;
    return { ...rest, events: "events" in content ? shown(content) : content };
  };
  expect(events(["t", 1, { a: 1 }])).toEqual({ tag: "t", events: [lines[0]] });
  expect(events(["t", 1, { a: 1 }, { chunk: "c" }])).toEqual({ tag: "t", chunk: "c", events: [lines[0]] });
  expect(events(["t", entries])).toEqual({ tag: "t", events: lines });
  expect(events(["t", entries, { chunk: "c", size: 2 }])).toEqual({ tag: "t", chunk: "c", events: lines });
  const packed = new Uint8Array(Buffer.concat(entries.map((entry) => encode(entry))));
  expect(events(["t", packed, { chunk: "c" }])).toEqual({ tag: "t", chunk: "c", events: { packed } });
  expect(events(["t", packed, { compressed: "text" }])).toEqual({ tag: "t", events: { packed } });
  expect(events(["t", packed, { compressed: "gzip" }])).toEqual({ tag: "t", events: { packed, compression: "gzip" } });
  expect(shown(readPackedEntries(packed, { maxBytes: 100, maxDepth: 4 }))).toEqual(lines);
  expect(read(null)).toBeUndefined();
});

test("packed entries may be marked as text, as Fluentd does", () => {
  const entry = encode([1, { a: new Uint8Array([0xff, 0x61]) }]);
  const message = Buffer.concat([Buffer.of(0x92, 0xa1, 0x74, 0xd9, entry.length), entry]);
  const { content } = readForwardMessage(decoded(message))!;
  expect("packed" in content && shown(readPackedEntries(content.packed, { maxBytes: 100, maxDepth: 4 }))).toEqual([
    '1000000000 {"a":"\ufffda"}',
  ]);
});

test("times are read to the nanosecond", () => {
  const f = (time: unknown, want: string) =>
    expect(shown(read(["t", [[time, {}]]])!.content as ForwardEvents)).toEqual([`${want} {}`]);
  f(1_767_225_600, "1767225600000000000");
  f(eventTime(1_767_225_600, 123_456_789), "1767225600123456789");
  f([eventTime(1, 2), { meta: 1 }], "1000000002");
  f(1.5, "1500000000");
  f(null, "now");
  f("yesterday", "now");
  f(new ExtData(0, new Uint8Array(4)), "now");
  f(new ExtData(5, new Uint8Array(8)), "now");
});

test("a record is JSON in the order of its keys", () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const record = {
    z: bytes("é"),
    a: [1n, -(2n ** 63n), 1.5, null, true],
    m: { n: { o: bytes("") } },
    big: 2n ** 64n - 1n,
  };
  expect(recordJson(record)).toBe(
    '{"z":"é","a":[1,-9223372036854775808,1.5,null,true],"m":{"n":{"o":""}},"big":18446744073709551615}',
  );
});

test("entries that are no events are counted, and the others are read", () => {
  const f = (value: unknown, want: string[]) => expect(shown(read(value)!.content as ForwardEvents)).toEqual(want);
  f(["t", [[1, { a: 1 }], [1, "text"], 7, [1], [2, {}]]], ['1000000000 {"a":1}', "2000000000 {}", "3 malformed"]);
  f(["t", 1, "text"], ["1 malformed"]);
  f(["t"], ["1 malformed"]);
  f(["t", []], []);
});

test("a message that is none of the protocol is refused with the reason", () => {
  const f = (value: unknown, want: string) => expect(() => read(value)).toThrow(new ForwardError(want));
  f(71, "a message has to be an array");
  f({ a: 1 }, "a message has to be an array");
  f([], "a message has to begin with a tag");
  f([1, 2, {}], "a message has to begin with a tag");
  f(["t", new Uint8Array(1), { compressed: "lz4" }], 'a message is compressed by "lz4"; gzip and zstd can be read');
  f(["t", new Uint8Array(1), { fluent_signal: 1 }], "a message holds metrics or traces, and not logs");
  expect(() => readPackedEntries(Buffer.of(0xc1), { maxBytes: 9, maxDepth: 9 })).toThrow(ForwardError);
  expect(() => decoded(encode(["t", 1, JSON.parse('{"__proto__": 1}')]))).toThrow(ForwardError);
});
