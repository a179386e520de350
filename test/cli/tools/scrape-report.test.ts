import { expect, test } from "vitest";
import type { ScrapeReport } from "../../../src/agent/scrape-once/scrape-once.ts";
import { reportToJson } from "../../../src/cli/tools/scrape-json.ts";
import { renderFailure, renderReport } from "../../../src/cli/tools/scrape-report.ts";

const good: ScrapeReport = {
  url: "http://localhost:9100/metrics",
  answer: {
    status: 200,
    contentType: "text/plain; version=0.0.4",
    format: "text",
    encoding: "gzip",
    bytesReceived: 1234,
    bytes: 56_789,
  },
  timing: { headers: 12.34, body: 1, parse: 0.06 },
  families: [
    { name: "requests_total", type: "counter", series: 1, samples: 1200 },
    { name: "h", type: "histogram", series: 2, samples: 2 },
  ],
  series: 3,
  samples: [
    { series: 'requests_total{code="200"}', value: "17" },
    { series: "h_sum", value: "NaN", timestamp: 1_700_000_000_000 },
    { series: "h_count", value: "2", timestamp: 1e17 },
  ],
  repeated: 0,
  refused: undefined,
  mistakes: { count: 0, first: undefined },
  failure: undefined,
};

const all = { samples: false, limit: Number.POSITIVE_INFINITY };

test("a page that can be scraped is summed up", () => {
  expect(renderReport(good, all)).toBe(`\
http://localhost:9100/metrics
HTTP status 200, text format (text/plain; version=0.0.4)
56,789 bytes, gzip, 1,234 bytes received
12.3 ms to connect and for headers, 1.0 ms for the body, 0.1 ms to parse
2 families, 3 series, 3 samples

TYPE         SAMPLES  FAMILY
counter        1,200  requests_total
histogram          2  h

Prometheus would take 3 samples: up is 1.
`);
});

test("samples are shown when asked for, and no more than the limit", () => {
  expect(renderReport(good, { samples: true, limit: 2 })).toContain(`
histogram          2  h

requests_total{code="200"} 17
h_sum NaN @ 2023-11-14T22:13:20.000Z
… and 1 more

Prometheus`);
  expect(renderReport(good, { samples: true, limit: 1 })).toContain(`
counter        1,200  requests_total
… and 1 more

requests_total{code="200"} 17
… and 2 more
`);
  expect(renderReport(good, { ...all, samples: true })).toContain("h_count 2 @ 100000000000000000\n");
});

test("samples that are left out are told of", () => {
  expect(renderReport({ ...good, repeated: 1 }, all)).toMatch(
    /\n\nPrometheus would take 2 samples: up is 1\.\nIt would leave out 1 sample: of a series that comes twice the first sample counts\.\n$/,
  );
});

test("without an answer there is nothing but the address and the reason", () => {
  const failed: ScrapeReport = {
    ...good,
    answer: undefined,
    families: [],
    series: 0,
    samples: [],
    failure: "connection refused by localhost:9100",
  };
  expect(renderReport(failed, all)).toBe("http://localhost:9100/metrics\n");
  expect(renderFailure(failed)).toBe(`
error: connection refused by localhost:9100
Prometheus would take nothing of this scrape: up is 0, and all series of the target go stale.
`);
});

test("a line that cannot be read is shown, with a caret where that is known", () => {
  const f = (text: string, column: number | undefined, want: string, count = 1) => {
    const first = { message: "no", line: 12, text, column };
    const failed = { ...good, failure: "cannot parse the answer: line 12: no", mistakes: { count, first } };
    expect(renderFailure(failed)).toBe(`
error: cannot parse the answer: line 12: no
${want}
Prometheus would take nothing of this scrape: up is 0, and series behind the mistake go stale.
`);
  };
  f("a oops", 3, "  12 | a oops\n     |   ^");
  f("a\toops", 3, "  12 | a\toops\n     |  \t^");
  f("a oops", undefined, "  12 | a oops");
  f("a \u0000\u001b[1m", undefined, "  12 | a \ufffd\ufffd[1m");
  f("a oops", 3, "  12 | a oops\n     |   ^\n1 more mistake further down", 2);
  f(`${"x".repeat(500)}!`, 501, `  12 | ${"x".repeat(99)}!\n     | ${" ".repeat(99)}^`);
});

test("programs get the same as JSON", () => {
  expect(reportToJson(good, { samples: true, limit: 1 })).toEqual({
    up: true,
    url: good.url,
    answer: good.answer,
    timing_ms: good.timing,
    families: 2,
    series: 3,
    samples: 3,
    repeated_samples: 0,
    mistakes: good.mistakes,
    by_family: [good.families[0]],
    by_sample: [good.samples[0]],
  });
  expect(reportToJson({ ...good, failure: "no" }, all)).toMatchObject({ up: false, error: "no" });
});
