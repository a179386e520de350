/** What a target may answer with, by Prometheus' names. */
export type ScrapeProtocol =
  | "PrometheusProto"
  | "OpenMetricsText1.0.0"
  | "OpenMetricsText0.0.1"
  | "PrometheusText1.0.0"
  | "PrometheusText0.0.4";

/** How names outside the legacy set are to be written. */
export type NameEscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

export type PageFormat = "text" | "open-metrics" | "protobuf";

const protobufType = "application/vnd.google.protobuf";
const openMetricsType = "application/openmetrics-text";

const protocols: Record<ScrapeProtocol, { format: PageFormat; accept: string; takesEscaping: boolean }> = {
  PrometheusProto: {
    format: "protobuf",
    accept: `${protobufType};proto=io.prometheus.client.MetricFamily;encoding=delimited`,
    takesEscaping: false,
  },
  "OpenMetricsText1.0.0": { format: "open-metrics", accept: `${openMetricsType};version=1.0.0`, takesEscaping: true },
  "OpenMetricsText0.0.1": { format: "open-metrics", accept: `${openMetricsType};version=0.0.1`, takesEscaping: false },
  "PrometheusText1.0.0": { format: "text", accept: "text/plain;version=1.0.0", takesEscaping: true },
  "PrometheusText0.0.4": { format: "text", accept: "text/plain;version=0.0.4", takesEscaping: false },
};

/** The first weight, in tenths: it leaves one for each protocol there is, and one for anything else. */
const firstWeight = Object.keys(protocols).length + 1;

/** The Accept header of a scrape: each protocol weighs a tenth less than the one before. */
export function acceptHeader(wanted: readonly ScrapeProtocol[], escaping: NameEscapingScheme): string {
  const types = wanted.map((name) => {
    const { accept, takesEscaping } = protocols[name];
    return takesEscaping ? `${accept};escaping=${escaping}` : accept;
  });
  return [...types, "*/*"].map((type, at) => `${type};q=0.${firstWeight - at}`).join(",");
}

const formats: Readonly<Record<string, PageFormat>> = {
  "text/plain": "text",
  [openMetricsType]: "open-metrics",
  [protobufType]: "protobuf",
};

const mediaType = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(;.*)?$/is;
const parameter =
  /^;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*)/i;

/**
 * The format of a page with this Content-Type, or why there is none. Only the media type decides, yet the whole header
 * must be well formed (RFC 2045 by way of Go's mime.ParseMediaType), as in Prometheus 3. `fallback` is for a header that
 * says nothing known; one that does is believed.
 */
export function pageFormat(
  header: string | undefined,
  fallback: ScrapeProtocol | undefined,
): PageFormat | { readonly refused: string } {
  const [, type = "", parameters = ""] = mediaType.exec(header ?? "") ?? [];
  const isWellFormed = type !== "" && areParameters(parameters);
  const known = isWellFormed ? formats[type.toLowerCase()] : undefined;
  if (known !== undefined) return known;
  if (fallback !== undefined) return protocols[fallback].format;
  return { refused: `${unreadable(header, isWellFormed)}; if it is a page of metrics, set fallback_scrape_protocol` };
}

function unreadable(header: string | undefined, isWellFormed: boolean): string {
  if (header === undefined || header.trim() === "") return "the answer has no Content-Type";
  if (!isWellFormed) return `the answer's Content-Type "${header}" cannot be read`;
  return `the answer's Content-Type is "${header}"`;
}

/** A last lone semicolon is fine; a parameter may come twice only with the same value. */
function areParameters(text: string): boolean {
  const seen = new Map<string, string>();
  let rest = text;
  while (rest !== "" && !/^;[ \t]*$/.test(rest)) {
    const [whole, name = "", value = ""] = parameter.exec(rest) ?? [];
    if (whole === undefined || (seen.get(name.toLowerCase()) ?? value) !== value) return false;
    seen.set(name.toLowerCase(), value);
    rest = rest.slice(whole.length);
  }
  return true;
}
