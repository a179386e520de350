import fc from "fast-check";
import { expect, test } from "vitest";
import { SyslogFramer, type SyslogFrames } from "../../../src/formats/log-line/syslog-framing.ts";

const usual = { maxLength: 20, delimiter: "\n" } as const;

/** What a framer makes of the stream, cut as given: messages as text, and what else there was to say. */
function framed(chunks: readonly string[], options: ConstructorParameters<typeof SyslogFramer>[0] = usual): string[] {
  const framer = new SyslogFramer(options);
  const seen: string[] = [];
  const add = ({ messages, tooLong, error }: SyslogFrames) => {
    seen.push(...messages.map(String));
    if (tooLong > 0) seen.push(`${tooLong} too long`);
    if (error !== undefined) seen.push(`error: ${error}`);
    return error === undefined;
  };
  for (const chunk of chunks) if (!add(framer.push(Buffer.from(chunk)))) return seen;
  add(framer.end());
  return seen;
}

test("messages end with a newline, or are as long as they say, as the connection begins", () => {
  expect(framed(["<1>a b\n<2>c\n"])).toEqual(["<1>a b", "<2>c"]);
  expect(framed(["6 <1>a b4 <2>c"])).toEqual(["<1>a b", "<2>c"]);
  expect(framed(["7 <1>a\nb\n4 <2>c"])).toEqual(["<1>a\nb", "<2>c"]);
  expect(framed(["2026-10-11 no syslog\n<2>c\n"])).toEqual(["2026-10-11 no syslog", "<2>c"]);
  expect(framed(["<1>a\0<2>b\nc\0"], { ...usual, delimiter: "\0" })).toEqual(["<1>a", "<2>b\nc"]);
});

test("what ends a line besides the newline is no part of the message", () => {
  expect(framed(["<1>a\r\n<2>b\0\n\r\n"])).toEqual(["<1>a", "<2>b", ""]);
  expect(framed(["5 <1>a\n5 <1>b\0"])).toEqual(["<1>a", "<1>b"]);
});

test("the end of the connection ends a line, and shows that a counted message is torn", () => {
  expect(framed(["<1>a\n<2>b"])).toEqual(["<1>a", "<2>b"]);
  expect(framed(["12"])).toEqual(["12"]);
  expect(framed(["4 <1>a6 <2>"])).toEqual(["<1>a", "error: the connection ended within a message"]);
  expect(framed(["4 <1>a6"])).toEqual(["<1>a", "error: the connection ended within a message"]);
  expect(framed(["99 <1>a"])).toEqual(["1 too long", "error: the connection ended within a message"]);
  expect(framed([])).toEqual([]);
});

test("a message that is too long is passed over, and the next one is read", () => {
  const long = "x".repeat(21);
  expect(framed([`<1>a\n${long}\n<2>b\n`])).toEqual(["<1>a", "<2>b", "1 too long"]);
  expect(framed([`<1>a\n${long}`, `${long}`, `${long}\n<2>b\n`])).toEqual(["<1>a", "1 too long", "<2>b"]);
  expect(framed([`<1>a\n${long}`])).toEqual(["<1>a", "1 too long"]);
  expect(framed([`${"x".repeat(20)}\n`])).toEqual(["x".repeat(20)]);
  expect(framed([`4 <1>a21 ${long}4 <2>b`])).toEqual(["<1>a", "<2>b", "1 too long"]);
  expect(framed(["21 x", "x".repeat(19), "x4 <2>b"])).toEqual(["1 too long", "<2>b"]);
});

test("after a length that is none, nothing can be told any more", () => {
  expect(framed(["4 <1>a<2>b\n"])).toEqual(["<1>a", 'error: expected the length of a message, got "<2>b\\n"']);
  expect(framed(["4 <1>a 4 <2>b"])).toEqual(["<1>a", 'error: expected the length of a message, got " 4 <2>b"']);
  expect(framed(["4 <1>a1234567890 "])).toEqual(["<1>a", 'error: expected the length of a message, got "1234567890 "']);
});

const message = fc.string({ maxLength: 30, unit: fc.constantFrom("<", "1", " ", "a", "\u00e9", "\u20ac") });

test("the messages do not depend on how the stream is cut", () => {
  const cuts = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 60 });
  const options = { maxLength: 25, delimiter: "\n" } as const;
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), cuts, fc.boolean(), (texts, sizes, isCounted) => {
      const messages = texts.map((text) => `<1>${text}`);
      const stream = Buffer.concat(messages.map((text) => encoded(text, isCounted)));
      const framer = new SyslogFramer(options);
      const got: string[] = [];
      let tooLong = 0;
      for (const chunk of cut(stream, sizes)) {
        const frames = framer.push(chunk);
        expect(frames.error).toBeUndefined();
        got.push(...frames.messages.map(String));
        tooLong += frames.tooLong;
      }
      expect(framer.end()).toEqual({ messages: [], tooLong: 0 });
      const fitting = messages.filter((text) => Buffer.byteLength(text) <= options.maxLength);
      expect(got).toEqual(fitting);
      expect(tooLong).toBe(messages.length - fitting.length);
    }),
  );
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const framer = new SyslogFramer({ maxLength: 10, delimiter: "\n" });
      for (const chunk of chunks) {
        const { messages, error } = framer.push(Buffer.from(chunk));
        for (const each of messages) expect(each.length).toBeLessThanOrEqual(10);
        if (error !== undefined) return;
      }
      framer.end();
    }),
  );
});

function encoded(text: string, isCounted: boolean): Buffer {
  return Buffer.from(isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`);
}

function* cut(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes.every((each) => each === 0) ? 1 : (sizes[turn % sizes.length] ?? 1);
    yield Buffer.from(stream.subarray(at, at + size));
    at += size;
  }
}
