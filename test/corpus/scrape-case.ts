/** What a target answers to one scrape. */
export interface Page {
  readonly body: string | Buffer;
  /** Left out: no Content-Type at all. */
  readonly contentType?: string | undefined;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole answer as it goes over the wire, then the connection ends; nothing else of the page counts. */
  readonly raw?: string;
}

/** One target of the corpus: what it answers to its first scrape, and what to those after it. */
export interface ScrapeCase {
  /** Unique; it is the label `case` of the target. */
  readonly name: string;
  /** Whose settings it is scraped with. */
  readonly job: string;
  readonly pages: readonly Page[];
}

/** How many scrapes of a target are compared. The last page is served again until then. */
export const comparedScrapes = 5;

export const textType = "text/plain; version=0.0.4; charset=utf-8";
export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
export const protobufType =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

const otherText: Page = { body: "other 1\n", contentType: textType };
const brokenPage: Page = { body: "", contentType: textType, status: 500 };

/** The page, another one without any of its series, the page again, and failures: its series come, go, return and go. */
export function comesAndGoes(page: Page, other = otherText): readonly Page[] {
  return [page, other, page, brokenPage];
}

export function textPage(body: string | Buffer): Page {
  return { body, contentType: textType };
}

export function openMetricsPage(body: string | Buffer): Page {
  return { body, contentType: openMetricsType };
}
