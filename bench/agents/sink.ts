import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer, type Socket } from "node:net";

/**
 * The receiver: a process of its own that takes remote write requests, stores them as they are and answers 204. They are
 * looked at when the agent has ended, so that the sink costs next to nothing while it is measured.
 *
 *     a stored request   │ arrival, milliseconds (double) │ length (uint32) │ body │
 */
const file = createWriteStream(process.argv[2] ?? "");
const server = createServer({ noDelay: true }, (socket) => {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    let bytes = Buffer.concat(chunks);
    for (let request = parse(bytes); ; request = parse(bytes)) {
      wanted = request.end;
      if (bytes.length < request.end || request.end === 0) break;
      take(socket, bytes.subarray(request.start, request.end));
      bytes = bytes.subarray(request.end);
    }
    chunks = [bytes];
    length = bytes.length;
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 });
process.on("message", () => file.end(() => process.send?.({ written: true })));

/** Where the body of the first request lies; an end of 0 while its head has not come. */
function parse(bytes: Buffer): { start: number; end: number } {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return { start: 0, end: 0 };
  const [, digits] = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, head)) ?? [];
  if (digits === undefined) throw new Error("a request without a Content-Length");
  return { start: head + 4, end: head + 4 + Number(digits) };
}

function take(socket: Socket, body: Buffer): void {
  const head = Buffer.alloc(12);
  head.writeDoubleLE(Date.now(), 0);
  head.writeUInt32LE(body.length, 8);
  file.write(head);
  file.write(body);
  socket.write("HTTP/1.1 204 No Content\r\n\r\n");
}
