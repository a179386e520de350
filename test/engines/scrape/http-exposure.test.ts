import { createServer } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { BodyPool } from "../../../src/engines/scrape/body-pool.ts";
import type { Skipped } from "../../../src/engines/scrape/exposure.ts";
import { ScrapeFailure } from "../../../src/engines/scrape/failure.ts";
import { HttpExposure } from "../../../src/engines/scrape/http-exposure.ts";
import type { ScrapeSettings } from "../../../src/engines/scrape/settings.ts";
import { scrapeTarget } from "../../../src/engines/scrape/target.ts";
import { type RowExemplar, Rows } from "../../../src/formats/exposition/rows.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { formatLabels } from "../../../src/signals/labels.ts";
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

interface Found {
  /** Labels and values, or why there are none. */
  readonly rows: string[] | { reason: string; message: string };
  readonly bodySize: number;
  readonly generation: number;
  readonly skipped: Skipped;
  readonly exemplars: readonly RowExemplar[];
}

/** One target at this port, scraped again and again. */
class Target {
  readonly #port: number;
  readonly #exposure: HttpExposure;

  constructor(port: number) {
    this.#port = port;
    const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
    cleanUp.push(() => client.close());
    this.#exposure = new HttpExposure((request) => client.request(request), new BodyPool());
  }

  async scrape(changes: Partial<ScrapeSettings> = {}, signal = new AbortController().signal): Promise<Found> {
    const rows = new Rows();
    const found = await this.#scrape(rows, { ...settings, ...changes }, signal);
    const { bodySize, generation, skipped } = this.#exposure;
    return { rows: found, bodySize, generation, skipped, exemplars: rows.exemplars };
  }

  async #scrape(rows: Rows, all: ScrapeSettings, signal: AbortSignal): Promise<Found["rows"]> {
    const exposure = this.#exposure;
    const resolved = scrapeTarget(target(`127.0.0.1:${this.#port}`), all);
    if (!("url" in resolved)) throw new Error(formatLabels(resolved.labels));
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
}

/** What one scrape of the port gives: its rows' labels and values, or why there are none. */
async function scrape(
  port: number,
  changes: Partial<ScrapeSettings> = {},
  signal = new AbortController().signal,
): Promise<Found["rows"]> {
  return (await new Target(port).scrape(changes, signal)).rows;
}

const text = { "content-type": "text/plain; version=0.0.4" };

test("asks as Prometheus asks", async () => {
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
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
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

test("reads zstd, though it does not ask for it", async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, { ...text, "content-encoding": "zstd" }).end(zstdCompressSync("m 1\n".repeat(1000)));
  });
  expect(await scrape(port)).toHaveLength(1000);
  expect(await scrape(port, { bodySizeLimit: 4000 })).toMatchObject({ reason: "body_size_limit" });
  expect(await scrape(port, { bodySizeLimit: 4001 })).toHaveLength(1000);
});

test("a broken zstd stream fails the scrape", async () => {
  let body = Buffer.from("m 1\n");
  const { port } = await serve((_, response) => {
    response.writeHead(200, { ...text, "content-encoding": "zstd" }).end(body);
  });
  expect(await scrape(port)).toMatchObject({ reason: "content" });
  body = zstdCompressSync("m 1\n".repeat(1000)).subarray(0, -3);
  expect(await scrape(port)).toMatchObject({ reason: "content" });
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
    message: 'the answer\'s Content-Type is "text/html"; if it is a page of metrics, set fallback_scrape_protocol',
  });
});

test("the fallback protocol reads a page that does not say what it is", async () => {
  const { port } = await serve((_, response) => void response.writeHead(200).end("m 1\n# EOF\n"));
  expect(await scrape(port, { fallbackScrapeProtocol: "OpenMetricsText1.0.0" })).toEqual(["__name__ m 1"]);
  expect(await scrape(port, { fallbackScrapeProtocol: "PrometheusText0.0.4" })).toEqual(["__name__ m 1"]);
});

const openMetrics = { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" };

test("reads OpenMetrics, exemplars too", async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, openMetrics).end('m 1 # {trace_id="x"} 2\n# EOF\n');
  });
  const { rows, exemplars } = await new Target(port).scrape();
  expect(rows).toEqual(["__name__ m 1"]);
  expect(exemplars).toEqual([{ row: 0, labels: ["trace_id", "x"], value: 2, timestamp: Number.NaN }]);
});

/** A MetricFamily "m" of type counter with one metric of value 1, behind its length. */
const family = [18, 0x0a, 1, 0x6d, 0x18, 0, 0x22, 11, 0x1a, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];

test("reads protobuf, and begins anew when other histograms are wanted", async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/vnd.google.protobuf" }).end(Buffer.from(family));
  });
  const target = new Target(port);
  expect(await target.scrape()).toMatchObject({ rows: ["__name__ m 1"], generation: 0 });
  expect(await target.scrape()).toMatchObject({ rows: ["__name__ m 1"], generation: 0 });
  expect(await target.scrape({ nativeHistograms: true })).toMatchObject({ rows: ["__name__ m 1"], generation: 1 });
});

test("a target that changes its format begins a new generation of entries", async () => {
  const pages = [
    [text, "m 1\n"],
    [text, "m 2\n"],
    [openMetrics, "m 3\n# EOF\n"],
    [openMetrics, ""],
    [openMetrics, "m 4\n# EOF\n"],
    [text, "m 5\n"],
  ] as const;
  let at = 0;
  const { port } = await serve((_, response) => {
    const [headers, page] = pages[at++]!;
    response.writeHead(200, headers).end(page);
  });
  const target = new Target(port);
  const found: unknown[] = [];
  for (const _ of pages) {
    const { rows, generation } = await target.scrape();
    found.push([rows, generation]);
  }
  expect(found).toEqual([
    [["__name__ m 1"], 0],
    [["__name__ m 2"], 0],
    [["__name__ m 3"], 1],
    [[], 1],
    [["__name__ m 4"], 1],
    [["__name__ m 5"], 2],
  ]);
});

test("with keep_valid only the lines that cannot be read are left out, and counted", async () => {
  const pages = ["a 1\n}{\nb 2\nc\n", "a 1\n"];
  const { port } = await serve((_, response) => void response.writeHead(200, text).end(pages.shift()));
  const target = new Target(port);
  const first = await target.scrape({ onParseError: "keep_valid" });
  expect(first.rows).toEqual(["__name__ a 1", "__name__ b 2"]);
  expect(first.skipped).toEqual({ count: 2, first: 'line 2: expected a metric name, found "}"' });
  expect((await target.scrape({ onParseError: "keep_valid" })).skipped).toEqual({ count: 0, first: "" });
});

test("with keep_valid an OpenMetrics page without its end is taken", async () => {
  const { port } = await serve((_, response) => void response.writeHead(200, openMetrics).end("a 1\nb 2\n"));
  const { rows, skipped } = await new Target(port).scrape({ onParseError: "keep_valid" });
  expect(rows).toEqual(["__name__ a 1", "__name__ b 2"]);
  expect(skipped).toEqual({ count: 1, first: "line 3: the page does not end with # EOF" });
});

test("a page with far too many mistakes fails the scrape even with keep_valid", async () => {
  const { port } = await serve((_, response) => void response.writeHead(200, text).end("<\n".repeat(10_001)));
  expect(await scrape(port, { onParseError: "keep_valid" })).toEqual({
    reason: "content",
    message: 'cannot parse the answer: line 1: expected a metric name, found "<"',
  });
});

test("the size of the body is told uncompressed, whether or not it can be parsed", async () => {
  const answers: [status: number, body: string][] = [];
  const { port } = await serve((_, response) => {
    const [status, body] = answers.shift()!;
    response.writeHead(status, { ...text, "content-encoding": "gzip" }).end(gzipSync(body));
  });
  const target = new Target(port);
  async function f(status: number, body: string, want: number): Promise<void> {
    answers.push([status, body]);
    expect((await target.scrape({ bodySizeLimit: 100 })).bodySize, body).toBe(want);
  }
  await f(200, "m 1\n", 4);
  await f(200, "m 1\n".repeat(25), -1);
  await f(200, "m\n", 2);
  await f(500, "m 1\n", 0);
  await f(200, "", 0);
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
  const exposure = new HttpExposure(() => Promise.reject(new Error("not asked")), new BodyPool());
  const resolved = scrapeTarget(target("host:99999"), settings);
  if (!("url" in resolved)) throw new Error(formatLabels(resolved.labels));
  await expect(exposure.fetch(resolved, settings, new AbortController().signal)).rejects.toThrow(
    "cannot use http://host:99999/metrics: not a valid http or https address",
  );
});
