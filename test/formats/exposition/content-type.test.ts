import { expect, test } from "vitest";
import { acceptHeader, pageFormat, type ScrapeProtocol } from "../../../src/formats/exposition/content-type.ts";

test("asks for the protocols in their order, each with less weight than the one before", () => {
  const f = (wanted: ScrapeProtocol[], want: string) => expect(acceptHeader(wanted, "allow-utf-8")).toBe(want);
  f(
    ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  );
  f(["PrometheusText0.0.4"], "text/plain;version=0.0.4;q=0.6,*/*;q=0.5");
  f(
    ["PrometheusProto", "PrometheusText0.0.4"],
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4",
  );
  f(
    ["PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  );
});

test("asks for names as the escaping scheme has them, in the versions that know of it", () => {
  expect(acceptHeader(["OpenMetricsText1.0.0", "PrometheusText0.0.4"], "underscores")).toBe(
    "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4",
  );
});

test("the media type says the format, whatever its version", () => {
  const f = (header: string, want: string) => expect(pageFormat(header, undefined), header).toBe(want);
  f("text/plain", "text");
  f("Text/Plain; version=0.0.4; charset=utf-8", "text");
  f(" text/plain ;version=1.0.0;escaping=allow-utf-8", "text");
  f("text/plain;", "text");
  f("text/plain; a=b; a=b", "text");
  f('text/plain; a="b;c"', "text");
  f("application/openmetrics-text; version=1.0.0; charset=utf-8", "open-metrics");
  f("application/openmetrics-text", "open-metrics");
  f("application/openmetrics-text; version=7", "open-metrics");
  f("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "protobuf");
});

const unreadable = ["text/plain; version=", "text/plain;;", "text/plain, text/html", "text/", "text/plain; a=b; a=c"];

test("anything else is refused with the reason and the remedy", () => {
  const f = (header: string | undefined, want: string) =>
    expect(pageFormat(header, undefined)).toEqual({
      refused: `${want}; if it is a page of metrics, set fallback_scrape_protocol`,
    });
  f(undefined, "the answer has no Content-Type");
  f("", "the answer has no Content-Type");
  f("text/html; charset=utf-8", 'the answer\'s Content-Type is "text/html; charset=utf-8"');
  for (const header of unreadable) f(header, `the answer's Content-Type "${header}" cannot be read`);
});

test("the fallback is for headers that say nothing known, and for those only", () => {
  for (const header of [undefined, "", "text/html", ...unreadable]) {
    expect(pageFormat(header, "PrometheusText0.0.4"), header).toBe("text");
    expect(pageFormat(header, "OpenMetricsText0.0.1"), header).toBe("open-metrics");
    expect(pageFormat(header, "PrometheusProto"), header).toBe("protobuf");
  }
  expect(pageFormat("text/plain", "PrometheusProto")).toBe("text");
});
