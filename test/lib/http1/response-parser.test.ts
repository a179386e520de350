import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedResponseError, ResponseParser } from "../../../src/lib/http1/response-parser.ts";

interface Seen {
  readonly heads: [number, Record<string, unknown>][];
  body: string;
  ended: number;
}

/** Feeds the pieces one after the other; what came of it. */
function parse(pieces: readonly string[], finish = false): Seen & { keepsAlive: boolean; complete: boolean } {
  const seen: Seen = { heads: [], body: "", ended: 0 };
  const parser = new ResponseParser({
    onHead: (status, headers) => seen.heads.push([status, { ...headers }]),
    onData: (chunk) => {
      seen.body += Buffer.from(chunk).toString("latin1");
    },
    onEnd: () => {
      seen.ended++;
    },
  });
  parser.begin();
  for (const piece of pieces) parser.feed(Buffer.from(piece, "latin1"));
  const complete = finish ? parser.finish() : seen.ended === 1;
  return { ...seen, keepsAlive: parser.keepsAlive, complete };
}

test("a response is read by the framing that its head tells", () => {
  const f = (response: string, body: string, keepsAlive: boolean, finish = false) => {
    const seen = parse([response], finish);
    expect({ body: seen.body, complete: seen.complete, keepsAlive: seen.keepsAlive }).toEqual({
      body,
      complete: true,
      keepsAlive,
    });
  };
  f("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true);
  f("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true);
  f("HTTP/1.1 200\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello", true);
  f("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "hello", false);
  f("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false);
  f("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\nhello", "hello", true);
  f("HTTP/1.1 200 OK\r\n\r\nhello", "hello", false, true);
  f("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", true);
  f("HTTP/1.1 304 Not Modified\r\n\r\n", "", true);
  f("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello", true);
  f("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", true);
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n", "hello!", true);
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\nTrailer: 1\r\n\r\n", "", true);
});

test("headers are found by name, however they are written", () => {
  const { heads } = parse([
    "HTTP/1.1 404 Not Found\r\nContent-Type:text/plain \r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n",
  ]);
  expect(heads).toEqual([[404, { "content-type": "text/plain", "x-a": ["1", "2"], "content-length": "0" }]]);
});

test("what is no response is refused with what was found instead", () => {
  const f = (bytes: string, message: string) =>
    expect(() => parse([bytes])).toThrow(new MalformedResponseError(message));
  f("SSH-2.0-OpenSSH_9.2\r\n\r\n", 'expected a status line, found "SSH-2.0-OpenSSH_9.2"');
  f("HTTP/2 200\r\n\r\n", 'expected a status line, found "HTTP/2 200"');
  f("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 'expected a header, found "no colon"');
  f("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 'invalid Content-Length "-1"');
  f("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 'invalid Content-Length "1, 2"');
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 'unknown transfer coding "gzip, chunked"');
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 'expected the size of a chunk, found "xyz"');
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "a chunk is longer than its size");
  f("HTTP/1.1 101 Switching Protocols\r\n\r\n", "the server changes the protocol");
  f("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "more bytes than the response has");
  f(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`, "the head of the response is too long");
  f(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"0".repeat(2000)}`, "a line between chunks is too long");
});

test("a connection that ends early leaves the response incomplete", () => {
  const f = (bytes: string) => expect(parse([bytes], true).complete).toBe(false);
  f("");
  f("HTTP/1.1 200 OK\r\nConte");
  f("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
  f("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
});

test("it makes no difference where the bytes are cut", () => {
  const text = fc.string({ unit: "binary-ascii", maxLength: 60 });
  const framed = fc.oneof(
    text.map((body) => ({ body, bytes: `Content-Length: ${body.length}\r\n\r\n${body}` })),
    fc.array(text.filter((chunk) => chunk !== "")).map((chunks) => ({
      body: chunks.join(""),
      bytes: `Transfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`,
    })),
  );
  fc.assert(
    fc.property(framed, fc.array(fc.nat(400)), ({ body, bytes }, cuts) => {
      const response = `HTTP/1.1 200 OK\r\nX-Header: some value\r\n${bytes}`;
      const at = [0, ...cuts.filter((cut) => cut < response.length).toSorted((a, b) => a - b), response.length];
      const pieces = at.slice(1).map((end, index) => response.slice(at[index], end));
      const seen = parse(pieces);
      expect({ body: seen.body, ended: seen.ended, heads: seen.heads.length }).toEqual({ body, ended: 1, heads: 1 });
    }),
  );
});
