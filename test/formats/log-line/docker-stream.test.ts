import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ContainerLine,
  DockerStreamError,
  DockerStreamParser,
} from "../../../src/formats/log-line/docker-stream.ts";

function frame(kind: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

const second = (n: number) => 1_767_225_600_000_000_000n + BigInt(n) * 1_000_000_000n;
const at = (n: number) => `2026-01-01T00:00:0${n}.000000000Z`;

function parse(isTerminal: boolean, ...pieces: readonly (string | Buffer)[]): ContainerLine[] {
  const parser = new DockerStreamParser(isTerminal);
  return pieces.flatMap((piece) => parser.push(Buffer.from(piece as string)));
}

test("a frame is a line of its stream, with its time", () => {
  expect(parse(false, frame(1, `${at(1)} one\n`), frame(2, "2026-01-01T00:00:02.000000003Z  two \n"))).toEqual([
    { stream: "stdout", timestamp: second(1), line: "one" },
    { stream: "stderr", timestamp: second(2) + 3n, line: " two " },
  ]);
});

test("parts of a line are put together, also where a letter is cut, and the other stream comes in between", () => {
  const e = Buffer.from("é");
  const first = frame(1, Buffer.concat([Buffer.from(`${at(1)} caf`), e.subarray(0, 1)]));
  const last = frame(1, Buffer.concat([Buffer.from(`${at(1)} `), e.subarray(1), Buffer.from(" noir\n")]));
  expect(parse(false, first, frame(2, `${at(2)} warning\n`), last)).toEqual([
    { stream: "stderr", timestamp: second(2), line: "warning" },
    { stream: "stdout", timestamp: second(1), line: "café noir" },
  ]);
});

test("with a terminal lines end as terminals end them", () => {
  expect(parse(true, `${at(1)} one\r\n${at(2)} tw`, "o\r\n")).toEqual([
    { stream: "stdout", timestamp: second(1), line: "one" },
    { stream: "stdout", timestamp: second(2), line: "two" },
  ]);
});

test("what has no time has that of what came before", () => {
  expect(parse(true, `${at(1)} one\nno-time two\n`).at(-1)).toEqual({
    stream: "stdout",
    timestamp: second(1),
    line: "no-time two",
  });
});

test.each([true, false])("a line of more than 1 MiB is cut, and the next one is read (terminal: %s)", (isTerminal) => {
  const long = "x".repeat(700_000);
  const pieces = isTerminal
    ? [`${at(1)} ${long}`, long, `${long}\n${at(2)} next\n`]
    : [frame(1, `${at(1)} ${long}`), frame(1, `${at(1)} ${long}\n`), frame(1, `${at(2)} next\n`)];
  const [first, second] = parse(isTerminal, ...pieces);
  expect(first?.line).toHaveLength(1024 * 1024);
  expect(second?.line).toBe("next");
});

test.each([
  ["what is no frame", Buffer.from("HTTP/1.1 200"), "the engine sends something that is no frame of a log"],
  [
    "a frame that is too long",
    Buffer.from([1, 0, 0, 0, 255, 0, 0, 0]),
    "the engine sends something that is no frame of a log",
  ],
  ["an error of the engine", frame(3, "the log is damaged\n"), "the engine says: the log is damaged"],
])("%s is refused", (_, bytes, message) => {
  expect(() => parse(false, bytes)).toThrow(new DockerStreamError(message));
});

const writtenLine = fc.record({
  kind: fc.constantFrom(1, 2),
  time: fc.integer({ min: 0, max: 9 }),
  line: fc.string().map((text) => text.replaceAll(/[\r\n]/g, "")),
});

test.each([true, false])("lines are the same however the stream is cut into pieces (terminal: %s)", (isTerminal) => {
  fc.assert(
    fc.property(fc.array(writtenLine), fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (written, sizes) => {
      const stream = Buffer.concat(
        written.map(({ kind, time, line }) => {
          const text = `${at(time)} ${line}`;
          return isTerminal ? Buffer.from(`${text}\r\n`) : frame(kind, `${text}\n`);
        }),
      );
      const parser = new DockerStreamParser(isTerminal);
      const found: ContainerLine[] = [];
      for (let from = 0; from < stream.length; ) {
        const to = from + (sizes.next().value ?? 1);
        found.push(...parser.push(stream.subarray(from, to)));
        from = to;
      }
      expect(found).toEqual(
        written.map(({ kind, time, line }) => ({
          stream: kind === 2 && !isTerminal ? "stderr" : "stdout",
          timestamp: second(time),
          line,
        })),
      );
    }),
  );
});
