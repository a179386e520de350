import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Page, type PageShape } from "./page.ts";

/**
 * The applications: a process of its own that serves one page per target, each on a port of its own, and counts how
 * often it was asked. Plain sockets and bytes rendered beforehand: what is measured is who scrapes it.
 */
const { targets, ...shape } = JSON.parse(process.argv[2] ?? "") as PageShape & { targets: number };
const scrapes = new Array<number>(targets).fill(0);
const ports = await Promise.all(scrapes.map((_, target) => serve(target)));

process.send?.({ ports });
process.on("message", () => process.send?.({ scrapes }));

async function serve(target: number): Promise<number> {
  const page = new Page(target, shape);
  const answer = (socket: Socket) => {
    const body = page.render(scrapes[target]!++);
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1");
      for (let end = rest.indexOf("\r\n\r\n"); end >= 0; end = rest.indexOf("\r\n\r\n")) {
        rest = rest.slice(end + 4);
        answer(socket);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
