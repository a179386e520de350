import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

export const timeoutMs = 800;

/** What a target does with a connection, or with a request, and what is said about it. */
export interface Hostile {
  readonly does: string;
  readonly connection?: (socket: Socket) => void;
  readonly request?: (response: ServerResponse, path: string) => void;
  readonly reason: RegExp;
}

const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
const late = /^no complete answer within 800ms$/;
const loss = /^connection closed by /;

/** A gibibyte of newlines in about a megabyte: gzip may hold any number of members. */
export const bomb = Buffer.concat(new Array(64).fill(gzipSync(Buffer.alloc(16 << 20, "\n"))));

export const text = { "Content-Type": "text/plain" };

export const hostile: readonly Hostile[] = [
  { does: "accepts and says nothing", connection: () => {}, reason: late },
  { does: "sends its headers byte by byte", connection: (socket) => trickle(socket, head.repeat(100)), reason: late },
  {
    does: "sends its body byte by byte",
    connection: (socket) => trickle(socket, "a 1\n".repeat(100), `${head}Content-Length: 400\r\n\r\n`),
    reason: late,
  },
  { does: "sends its headers and no body", request: (response) => response.flushHeaders(), reason: late },
  {
    does: "sends comments without end",
    request: (response) => pour(response, Buffer.alloc(65_536, "#\n")),
    reason: /not shorter than body_size_limit|no complete answer/,
  },
  {
    does: "sends a gzip bomb",
    request: (response) => response.writeHead(200, { ...text, "Content-Encoding": "gzip" }).end(bomb),
    reason: /not shorter than body_size_limit/,
  },
  {
    does: "has new label values at every scrape",
    request: (response) => response.writeHead(200, text).end(newSeries(20_000)),
    reason: /^20000 samples; sample_limit is 1000$/,
  },
  {
    does: "redirects to itself",
    request: (response, path) => response.writeHead(302, { Location: path }).end(),
    reason: /redirects more than \d+ times/,
  },
  {
    does: "redirects to a file",
    request: (response) => response.writeHead(302, { Location: "file:///etc/passwd" }).end(),
    reason: /redirects to something that is not an HTTP address/,
  },
  { does: "resets the connection at once", connection: (socket) => socket.resetAndDestroy(), reason: loss },
  {
    does: "resets the connection in the body",
    connection: (socket) =>
      socket.write(`${head}Content-Length: 100\r\n\r\na 1\n`, () => setImmediate(() => socket.resetAndDestroy())),
    reason: loss,
  },
  {
    does: "closes the connection in the body",
    connection: (socket) => socket.end(`${head}Content-Length: 100\r\n\r\na 1\n`),
    reason: loss,
  },
  {
    does: "speaks another protocol",
    connection: (socket) => socket.end("220 mail ESMTP\r\n"),
    reason: /not speak HTTP/,
  },
  {
    does: "speaks in random bytes",
    connection: (socket) => socket.end(Buffer.alloc(4096, 0xf7)),
    reason: /not speak HTTP/,
  },
  {
    does: "has a length that is no number",
    connection: (socket) => socket.end(`${head}Content-Length: many\r\n\r\na 1\n`),
    reason: /not speak HTTP/,
  },
  {
    does: "has headers without end",
    connection: (socket) => pour(socket, Buffer.from(`X-Filler: ${"x".repeat(1000)}\r\n`), head),
    reason: /header|not speak HTTP/i,
  },
  {
    does: "has NUL bytes in a name",
    request: (response) => response.writeHead(200, text).end("a\0b 1\n"),
    reason: /^cannot parse the answer: /,
  },
];

let generation = 0;

export function newSeries(count: number): string {
  generation++;
  return Array.from({ length: count }, (_, at) => `explosion{of="${generation}-${at}"} 1\n`).join("");
}

/** Writes one byte at each turn of a slow clock until the connection ends. */
function trickle(socket: Socket, content: string, first = ""): void {
  socket.write(first);
  let at = 0;
  const timer = setInterval(() => socket.write(content[at++ % content.length] ?? ""), 20);
  socket.once("close", () => clearInterval(timer));
}

/** Writes `chunk` again and again until the connection ends. */
function pour(stream: Socket | ServerResponse, chunk: Buffer, first?: string): void {
  if ("writeHead" in stream) stream.writeHead(200, text);
  if (first !== undefined) stream.write(first);
  const write = () => {
    while (!stream.destroyed && stream.write(chunk));
  };
  stream.on("drain", write);
  write();
}
