import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type ScrapeOnceOptions, type ScrapeReport, scrapeOnce } from "../../../src/agent/scrape-once/scrape-once.ts";
import { encodeFamilies, type FamilyMessage, familyTypes, labelPairs } from "../../corpus/client-model.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { freePort, type Handler, startHttpServer } from "../../support/http-server.ts";

const text = "text/plain; version=0.0.4";

/** Scrapes a server that answers like this, once. */
async function scrapeOf(handler: Handler, more: Partial<ScrapeOnceOptions> = {}): Promise<ScrapeReport> {
  await using server = await startHttpServer(handler);
  return await scrapeOnce(options(`${server.url}/metrics`, more));
}

function options(url: string, more: Partial<ScrapeOnceOptions> = {}): ScrapeOnceOptions {
  const clock = new FakeClock();
  return { url: new URL(url), timeoutMs: 5000, headers: {}, insecureSkipVerify: false, clock, ...more };
}

function page(body: string | Buffer, contentType = text): Handler {
  return (_, response) => response.writeHead(200, { "content-type": contentType }).end(body);
}

test("tells of the answer, of the families in the order of the page, and of each sample", async () => {
  const body = `# TYPE requests_total counter
requests_total{code="200"} 17
requests_total{code="500"} 3 1700000000000
# TYPE h histogram
h_bucket{le="+Inf"} 2
h_sum NaN
h_count 2
loose 1
`;
  const report = await scrapeOf((_, response) => {
    response.writeHead(200, { "content-type": text, "content-encoding": "gzip" }).end(gzipSync(body));
  });
  expect(report).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/),
    answer: {
      status: 200,
      contentType: text,
      format: "text",
      encoding: "gzip",
      bytesReceived: gzipSync(body).length,
      bytes: body.length,
    },
    timing: { headers: 0, body: 0, parse: 0 },
    families: [
      { name: "requests_total", type: "counter", series: 2, samples: 2 },
      { name: "h", type: "histogram", series: 3, samples: 3 },
      { name: "loose", type: "untyped", series: 1, samples: 1 },
    ],
    series: 6,
    samples: [
      { series: 'requests_total{code="200"}', value: "17" },
      { series: 'requests_total{code="500"}', value: "3", timestamp: 1_700_000_000_000 },
      { series: 'h_bucket{le="+Inf"}', value: "2" },
      { series: "h_sum", value: "NaN" },
      { series: "h_count", value: "2" },
      { series: "loose", value: "1" },
    ],
    repeated: 0,
    refused: undefined,
    mistakes: { count: 0, first: undefined },
    failure: undefined,
  });
});

test("reads on behind a mistake, and tells where the first one is", async () => {
  const report = await scrapeOf(page('a 1\nb{x="y"} oops\nc 1\nd{\n'));
  expect(report).toMatchObject({
    failure: 'cannot parse the answer: line 2: expected a value, found "oops"',
    series: 2,
    mistakes: {
      count: 2,
      first: { message: 'expected a value, found "oops"', line: 2, text: 'b{x="y"} oops', column: 10 },
    },
  });
});

test("asks for the formats that a scrape asks for, or for one, with the headers that it is given", async () => {
  const f = async (more: Partial<ScrapeOnceOptions>, accept: RegExp) => {
    let seen: Record<string, unknown> = {};
    await scrapeOf((request, response) => {
      seen = request.headers;
      page("")(request, response);
    }, more);
    expect(seen).toMatchObject({
      accept: expect.stringMatching(accept),
      "accept-encoding": "gzip",
      "x-prometheus-scrape-timeout-seconds": "5",
    });
    return seen;
  };
  await f({}, /^application\/openmetrics-text;version=1\.0\.0.*text\/plain;version=0\.0\.4/);
  await f({ format: "text" }, /^text\/plain;version=1\.0\.0;[^,]*,text\/plain;version=0\.0\.4;q=[0-9.]+,\*\/\*/);
  await f({ format: "openmetrics" }, /^application\/openmetrics-text;version=1\.0\.0(?!.*text\/plain)/);
  await f({ format: "protobuf" }, /^application\/vnd\.google\.protobuf;[^,]*,\*\/\*/);
  const seen = await f({ headers: { "X-Scope": ["a"], Authorization: ["Bearer t"] } }, /./);
  expect(seen).toMatchObject({ "x-scope": "a", authorization: "Bearer t" });
});

test("OpenMetrics and protobuf are told of in the same words", async () => {
  const openMetrics = await scrapeOf(
    page("# TYPE a counter\na_total 1\na_created 5\n# EOF\n", "application/openmetrics-text; version=1.0.0"),
  );
  expect(openMetrics).toMatchObject({
    answer: { format: "open-metrics" },
    families: [{ name: "a", type: "counter", series: 2, samples: 2 }],
    failure: undefined,
  });
  const family: FamilyMessage = {
    name: "a_total",
    type: familyTypes.counter,
    metric: [{ label: labelPairs({ x: "y" }), counter: { value: 2 } }],
  };
  const protobufType = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
  const protobuf = await scrapeOf(page(encodeFamilies(family), protobufType), { format: "protobuf" });
  expect(protobuf).toMatchObject({
    answer: { format: "protobuf" },
    families: [{ name: "a_total", type: "counter", series: 1, samples: 1 }],
    samples: [{ series: 'a_total{x="y"}', value: "2" }],
    failure: undefined,
  });
});

test("classic histograms are told as the native ones that they can become, if that is wanted", async () => {
  const body = '# TYPE h histogram\nh_bucket{a="b",le="1"} 1\nh_bucket{a="b",le="+Inf"} 2\nh_sum{a="b"} 3\ng 1\n';
  const report = await scrapeOf(page(body), { convertsClassicHistograms: true });
  expect(report).toMatchObject({
    failure: undefined,
    series: 2,
    families: [
      { name: "h", type: "histogram", series: 1, samples: 1 },
      { name: "g", type: "untyped", series: 1, samples: 1 },
    ],
    samples: [
      { series: 'h{a="b"}', value: "native histogram with custom buckets: count 2, sum 3, 2 buckets" },
      { series: "g", value: "1" },
    ],
  });
});

test("what makes a scrape fail is told in the words of the agent", async () => {
  const f = async (handler: Handler, want: string) => expect((await scrapeOf(handler)).failure).toBe(want);

  await f((_, response) => response.writeHead(503).end("busy"), "the target answered with HTTP status 503");
  await f(
    page("<html>", "text/html"),
    'the answer\'s Content-Type is "text/html"; if it is a page of metrics, set fallback_scrape_protocol',
  );
  await f(page('a 1\nb{x="1",x="2"} 1\n'), 'the label "x" comes twice');
  await f(
    page("a 1\n", "application/openmetrics-text"),
    "cannot parse the answer: line 2: the page does not end with # EOF",
  );
  const port = await freePort();
  const { failure, answer } = await scrapeOnce(options(`http://127.0.0.1:${port}/metrics`));
  expect([failure, answer]).toEqual([`connection refused by 127.0.0.1:${port}`, undefined]);
});

test("a series that comes twice counts once, unless it has timestamps of its own", async () => {
  expect((await scrapeOf(page("a 1\na 2\nb 1 1000\nb 2 2000\n"))).repeated).toBe(1);
});

test("gives up when the time is over", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  await using server = await startHttpServer((_, response) => {
    response.writeHead(200, { "content-type": text }).write("a 1\n");
    asked.resolve();
  });
  const report = scrapeOnce(options(server.url, { clock, timeoutMs: 2500 }));
  await asked.promise;
  await clock.advance(2500);
  expect((await report).failure).toBe("no complete answer within 2s500ms");
  expect(clock.pending).toBe(0);
});

test("a password in the URL is sent, and not shown", async () => {
  let authorization: string | undefined;
  await using server = await startHttpServer((request, response) => {
    ({ authorization } = request.headers);
    page("a 1\n")(request, response);
  });
  const { url } = await scrapeOnce(options(`http://user:secret@127.0.0.1:${server.port}/metrics`));
  expect(url).toBe(`http://user:xxxxx@127.0.0.1:${server.port}/metrics`);
  expect(authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
});
