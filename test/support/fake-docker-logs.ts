import type { ServerResponse } from "node:http";
import { parseRfc3339 } from "../../src/lib/rfc3339.ts";

interface Written {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With a line feed at its end, or it is a part of a line. */
  readonly text: string;
}

interface FakeContainer {
  readonly hasTerminal: boolean;
  isRunning: boolean;
  readonly log: Written[];
  readonly followers: Set<ServerResponse>;
}

/** The logs of the containers of a fake engine: `create` one, let it `write`, `stop`, `start` or `remove` it. */
export class FakeDockerLogs {
  readonly #containers = new Map<string, FakeContainer>();

  create(id: string, { hasTerminal = false } = {}): void {
    this.#containers.set(id, { hasTerminal, isRunning: true, log: [], followers: new Set() });
  }

  /** `time` is RFC 3339 with nine digits, as the engine writes it. */
  write(id: string, time: string, text: string, stream: Written["stream"] = "stdout"): void {
    const container = this.#container(id);
    const written = { time, stream, text };
    container.log.push(written);
    for (const response of container.followers) response.write(bytesOf(container, written));
  }

  /** Bytes that are no log. */
  corrupt(id: string, bytes: string | Buffer): void {
    for (const response of this.#container(id).followers) response.write(bytes);
  }

  stop(id: string): void {
    const container = this.#container(id);
    container.isRunning = false;
    this.cut(id);
  }

  start(id: string): void {
    this.#container(id).isRunning = true;
  }

  /** Ends the answers that follow the container. */
  cut(id: string): void {
    const { followers } = this.#container(id);
    for (const response of followers) response.end();
    followers.clear();
  }

  remove(id: string): void {
    this.stop(id);
    this.#containers.delete(id);
  }

  /** How many read the log. */
  followers(id: string): number {
    return this.#container(id).followers.size;
  }

  /** `/containers/<id>/json` and `/containers/<id>/logs`. */
  answer(id: string, what: string, query: URLSearchParams, response: ServerResponse): void {
    const container = this.#containers.get(id);
    if (container === undefined) refuse(response, 404, `No such container: ${id}`);
    else if (what === "json") {
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(
          JSON.stringify({ Id: id, Config: { Tty: container.hasTerminal }, State: { Running: container.isRunning } }),
        );
    } else this.#follow(container, query, response);
  }

  #follow(container: FakeContainer, query: URLSearchParams, response: ServerResponse): void {
    const { since = "", ...rest } = Object.fromEntries(query);
    const isKnown = JSON.stringify(rest) === '{"stdout":"1","stderr":"1","timestamps":"1","follow":"1"}';
    if (!isKnown || !/^\d{1,10}\.\d{9}$/.test(since)) {
      refuse(response, 400, "the fake engine knows no such query");
      return;
    }
    const kind = container.hasTerminal ? "raw" : "multiplexed";
    response.writeHead(200, { "content-type": `application/vnd.docker.${kind}-stream` });
    response.flushHeaders();
    const from = BigInt(since.replace(".", ""));
    const log = container.log.filter(({ time }) => (parseRfc3339(time) ?? 0n) >= from);
    response.write(Buffer.concat(log.map((written) => bytesOf(container, written))));
    if (!container.isRunning) {
      response.end();
      return;
    }
    container.followers.add(response);
    response.on("close", () => container.followers.delete(response));
  }

  #container(id: string): FakeContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw new Error(`there is no container ${id}`);
    return container;
  }
}

function bytesOf({ hasTerminal }: FakeContainer, { time, stream, text }: Written): Buffer {
  const payload = Buffer.from(`${time} ${hasTerminal ? text.replace(/\n$/, "\r\n") : text}`);
  if (hasTerminal) return payload;
  const header = Buffer.from([stream === "stdout" ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}
