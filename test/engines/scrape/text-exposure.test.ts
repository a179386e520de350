import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { BodyPool } from "../../../src/engines/scrape/body-pool.ts";
import { ScrapeFailure } from "../../../src/engines/scrape/failure.ts";
import type { ScrapeSettings } from "../../../src/engines/scrape/settings.ts";
import { scrapeTarget } from "../../../src/engines/scrape/target.ts";
import { TextExposure } from "../../../src/engines/scrape/text-exposure.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { freePort, type Handler, startHttpServer, type TestServer } from "../../support/http-server.ts";
import { settings, target } from "./scrapes.ts";

const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function serve(handler: Handler): Promise<TestServer> {
  const server = await startHttpServer(handler);
  cleanUp.push(() => server.close());
  return server;
}

/** What a scrape of the port gives: its rows' labels and values, or why there are none. */
async function scrape(
  port: number,
  changes: Partial<ScrapeSettings> = {},
  signal = new AbortController().signal,
): Promise<string[] | { reason: string; message: string }> {
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
  cleanUp.push(() => client.close());
  const exposure = new TextExposure((request) => client.request(request), new BodyPool());
  const all = { ...settings, ...changes };
  const resolved = scrapeTarget(target(`127.0.0.1:${port}`), all);
  if ("refused" in resolved) throw new Error(resolved.refused);
  const rows = new Rows();
  try {
    await exposure.fetch(resolved, all, signal);
    const failure = exposure.scan(rows);
    if (failure !== undefined) throw failure;
  } catch (error) {
    if (!(error instanceof ScrapeFailure)) throw error;
    return { reason: error.reason, message: error.message };
  }
  return Array.from({ length: rows.length }, (_, row) => {
    return `${exposure.takeLabels(rows.entries[row]!).join(" ")} ${rows.values[row]}`;
  });
}

const text = { "content-type": "text/plain; version=0.0.4" };

test("asks as Prometheus asks, for text alone", async () => {
  let asked: Record<string, unknown> = {};
  const { port } = await serve((request, response) => {
    const { host: _, connection: __, ...headers } = request.headers;
    asked = { method: request.method, url: request.url, ...headers };
    response.writeHead(200, text).end("m 1\n");
  });
  expect(await scrape(port, { params: { a: ["b"] }, timeoutMs: 1250 })).toEqual(["__name__ m 1"]);
  expect(asked).toEqual({
    method: "GET",
    url: "/metrics?a=b",
    accept: "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4",
    "accept-encoding": "gzip",
    "user-agent": "sonde/test",
    "x-prometheus-scrape-timeout-seconds": "1.25",
  });
  await scrape(port, { enableCompression: false });
  expect(asked["accept-encoding"]).toBe("identity");
});

test("reads gzip, in several members too", async () => {
  const { port } = await serve((_, response) => {
    const body = Buffer.concat([gzipSync("a 1\n"), gzipSync("b 2\n")]);
    response.writeHead(200, { ...text, "content-encoding": "gzip" }).end(body);
  });
  expect(await scrape(port)).toEqual(["__name__ a 1", "__name__ b 2"]);
});

test("a broken gzip stream fails the scrape", async () => {
  async function f(body: Buffer, message: string): Promise<void> {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { ...text, "content-encoding": "gzip" }).end(body);
    });
    expect(await scrape(port)).toEqual({ reason: "content", message });
  }
  const whole = gzipSync("m 1\n".repeat(1000));
  await f(whole.subarray(0, -9), "cannot decompress the answer: unexpected end of file");
  await f(Buffer.concat([whole, Buffer.from("garbage")]), "cannot decompress the answer: incorrect header check");
  await f(Buffer.concat([whole, Buffer.alloc(4)]), "cannot decompress the answer: there are bytes behind its end");
  await f(Buffer.from("m 1\n"), "cannot decompress the answer: incorrect header check");
});

test("an answer of the limit's size is too large, compressed or not", async () => {
  const body = "m 1\n".repeat(1000);
  let encoding: "gzip" | undefined;
  const { port } = await serve((_, response) => {
    if (encoding === undefined) response.writeHead(200, text).end(body);
    else response.writeHead(200, { ...text, "content-encoding": encoding }).end(gzipSync(body));
  });
  const tooLarge = {
    reason: "body_size_limit",
    message: "the answer is not shorter than body_size_limit, 4000 bytes",
  };
  for (encoding of [undefined, "gzip"] as const) {
    expect(await scrape(port, { bodySizeLimit: 4000 })).toEqual(tooLarge);
    expect((await scrape(port, { bodySizeLimit: 4001 })) as string[]).toHaveLength(1000);
    expect((await scrape(port, { bodySizeLimit: 0 })) as string[]).toHaveLength(1000);
  }
});

test("nobody listens", async () => {
  const port = await freePort();
  expect(await scrape(port)).toEqual({
    reason: "unreachable",
    message: `connection refused by 127.0.0.1:${port}`,
  });
});

test("any status but 200 fails the scrape", async () => {
  for (const status of [201, 204, 404, 500, 503]) {
    const { port } = await serve((_, response) => void response.writeHead(status, text).end());
    expect(await scrape(port)).toEqual({
      reason: "status",
      message: `the target answered with HTTP status ${status}`,
    });
  }
});

test("a page for people fails the scrape", async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<html></html>");
  });
  expect(await scrape(port)).toEqual({
    reason: "content",
    message: 'the answer\'s Content-Type is "text/html"; expected text/plain',
  });
});

test("garbage fails the scrape", async () => {
  const { port } = await serve((_, response) => void response.writeHead(200, text).end("m 1\n}{\n"));
  expect(await scrape(port)).toEqual({
    reason: "content",
    message: 'cannot parse the answer: line 2: expected a metric name, found "}"',
  });
});

test("an answer that ends early fails the scrape", async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, { ...text, "content-length": "100" });
    response.write("m 1\n", () => response.destroy());
  });
  expect(await scrape(port)).toMatchObject({ reason: "unreachable" });
});

test("a server that is not one of HTTP fails the scrape", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {}).resume();
    socket.end("220 mail ready\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  expect(await scrape(port)).toMatchObject({ reason: "unreachable" });
});

test("a timeout ends a scrape that has not answered, or has answered with headers only", async () => {
  for (const sendsHeaders of [false, true]) {
    const abort = new AbortController();
    const { port } = await serve((_, response) => {
      if (sendsHeaders) {
        response.writeHead(200, text);
        response.write("m 1\n");
      }
      abort.abort(new ScrapeFailure("timeout", "too late"));
    });
    expect(await scrape(port, {}, abort.signal)).toEqual({ reason: "timeout", message: "too late" });
  }
});

test("an address that makes no URL is a failure of the target, not of the job", async () => {
  const exposure = new TextExposure(() => Promise.reject(new Error("not asked")), new BodyPool());
  const resolved = scrapeTarget(target("host:99999"), settings);
  if ("refused" in resolved) throw new Error(resolved.refused);
  await expect(exposure.fetch(resolved, settings, new AbortController().signal)).rejects.toThrow(
    "cannot use http://host:99999/metrics: not a valid http or https address",
  );
});
