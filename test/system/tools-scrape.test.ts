import { expect, test } from "vitest";
import { startAppServer } from "../support/app-server.ts";
import { makeCertificate } from "../support/certificate.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

test("tools scrape tells what is on a page, by host and port alone", async () => {
  await using app = await startAppServer();
  app.record("GET", 200, 0.3);
  const { host } = new URL(app.url);
  const { code, stdout, stderr } = await sonde(["tools", "scrape", host, "--samples"]).exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.replace(/[0-9.]+ ms/g, "1.0 ms")).toBe(`\
${app.url}/metrics
HTTP status 200, text format (text/plain; version=0.0.4; charset=utf-8)
${Buffer.byteLength(app.page())} bytes, not compressed
1.0 ms to connect and for headers, 1.0 ms for the body, 1.0 ms to parse
2 families, 9 series, 9 samples

TYPE         SAMPLES  FAMILY
counter            1  http_requests_total
histogram          8  http_request_duration_seconds

http_requests_total{method="get", code="200"} 1
http_request_duration_seconds_bucket{le="0.05"} 0
http_request_duration_seconds_bucket{le="0.1"} 0
http_request_duration_seconds_bucket{le="0.25"} 0
http_request_duration_seconds_bucket{le="0.5"} 1
http_request_duration_seconds_bucket{le="1.0"} 1
http_request_duration_seconds_bucket{le="+Inf"} 1
http_request_duration_seconds_sum 0.3
http_request_duration_seconds_count 1

Prometheus would take 9 samples: up is 1.
`);
});

test("tools scrape shows the line that would make a scrape fail, and exits with 1", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end('# TYPE a gauge\na{b="c"} one\na 1\n');
  });
  const url = `${server.url}/page`;
  const { code, stderr } = await sonde(["tools", "scrape", url]).exited;
  expect(code).toBe(1);
  expect(stderr).toBe(`
error: cannot parse the answer: line 2: expected a value, found "one"
  2 | a{b="c"} one
    |          ^
Prometheus would take nothing of this scrape: up is 0, and series behind the mistake go stale.
`);
  const json = await sonde(["tools", "scrape", url, "--json"]).exited;
  expect([json.code, json.stderr]).toEqual([1, ""]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    up: false,
    error: 'cannot parse the answer: line 2: expected a value, found "one"',
    mistakes: { count: 1, first: { line: 2, text: 'a{b="c"} one', column: 10 } },
    by_family: [{ name: "a", type: "gauge", series: 1, samples: 1 }],
  });
});

test("tools scrape sends the headers it is given, and trusts any certificate when told to", async () => {
  using dir = tempDir();
  const { cert, key } = makeCertificate(dir.path);
  await using server = await startHttpServer(
    ({ headers }, response) => {
      const isKnown = headers.authorization === "Bearer t" && headers["x-scope"] === "a, b";
      response.writeHead(isKnown ? 200 : 403, { "content-type": "text/plain" }).end("a 1\n");
    },
    { tls: { cert, key } },
  );
  const args = ["tools", "scrape", server.url, "--header", "Authorization: Bearer t", "--header=X-Scope: a"];
  const distrusted = await sonde([...args, "--header=X-Scope: b"]).exited;
  expect(distrusted.code).toBe(1);
  expect(distrusted.stderr).toContain("cannot trust the certificate");
  const trusted = await sonde([...args, "--header=X-Scope: b", "--insecure-skip-verify"]).exited;
  expect(trusted).toMatchObject({ code: 0, stderr: "" });
});

test("tools scrape of a port where nothing listens is one reason and exit code 1; a wrong command line is 2", async () => {
  const port = await freePort();
  const { code, stderr } = await sonde(["tools", "scrape", `localhost:${port}`]).exited;
  expect(code).toBe(1);
  expect(stderr).toContain(`error: connection refused by localhost:${port}\n`);

  const f = async (...args: string[]) => expect((await sonde(["tools", "scrape", ...args]).exited).code).toBe(2);
  await f();
  await f("ftp://localhost");
  await f("localhost", "--timeout", "soon");
  await f("localhost", "--header", "no colon");
  await f("localhost", "--format", "xml");
  await f("localhost", "--limit", "-1");
});
