import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { decompress } from "../../src/lib/snappy-decode.ts";

/**
 * The receiver of logs: a process of its own that takes Loki's push requests or a stream of lines over TCP, and counts how
 * often each line came. `sink.ts KIND LINES`, where KIND is `loki` or `tcp`; it tells when all have come.
 */
const [kind, total] = process.argv.slice(2);
const counts = new Uint8Array(Number(total));
const tally = { arrived: 0, twice: 0, bytes: 0 };

const server: Server = kind === "loki" ? createServer(takePush) : createTcpServer((socket) => takeLines(socket));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send?.({ port: (server.address() as AddressInfo).port });
process.on("message", () => process.send?.({ ...tally }));

async function takePush(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  tally.bytes += body.length;
  count(decompress(body, 1e9).toString("latin1"));
  response.writeHead(204).end();
}

/** A line may be cut by the end of a chunk: it waits for the next one. */
function takeLines(socket: NodeJS.ReadableStream): void {
  let rest = "";
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    tally.bytes += chunk.length;
    const text = rest + chunk.toString("latin1");
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    count(text.slice(0, end));
  });
}

function count(text: string): void {
  for (const [, digits] of text.matchAll(/"seq":(\d+)/g)) {
    const before = counts[Number(digits)]!++;
    if (before === 0) tally.arrived++;
    else tally.twice++;
  }
  if (tally.arrived === counts.length) process.send?.({ done: true });
}
