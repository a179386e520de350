import { type Command, InvalidArgumentError, Option } from "commander";
import { type ScrapeOnceOptions, scrapeOnce, wantedFormats } from "../../agent/scrape-once/scrape-once.ts";
import { systemClock } from "../../lib/clock.ts";
import { parseDuration } from "../../lib/duration.ts";
import type { Terminal } from "../terminal.ts";
import { reportToJson } from "./scrape-json.ts";
import { renderFailure, renderReport } from "./scrape-report.ts";

interface ScrapeOptions {
  readonly timeout: number;
  readonly header: Readonly<Record<string, readonly string[]>>;
  readonly format?: ScrapeOnceOptions["format"];
  readonly insecureSkipVerify: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly samples: boolean;
  readonly limit: number;
  readonly json: boolean;
}

export function addScrape(tools: Command, terminal: Terminal, finish: (code: number) => void): void {
  tools
    .command("scrape")
    .summary("scrape a page once, and tell all about it")
    .description(
      "Scrapes a page of metrics once, as prometheus.scrape does, and tells what is on it, or what is wrong with it.\n" +
        "Exit code 1 when the scrape would fail.",
    )
    .argument("<URL>", "the page; localhost:9100 is http://localhost:9100/metrics", parseUrl)
    .addOption(
      new Option("--timeout <DURATION>", "how long the scrape may take").argParser(parseTimeout).default(10_000, "10s"),
    )
    .addOption(
      new Option("--header <HEADER>", "a header to send, as 'Name: value'; may be repeated")
        .argParser(addHeader)
        .default({}, "none"),
    )
    .addOption(new Option("--format <FORMAT>", "the only format to ask for").choices(wantedFormats))
    .option("--insecure-skip-verify", "accept any certificate", false)
    .option(
      "--convert-classic-histograms-to-nhcb",
      "show classic histograms as the native ones that a scrape can make of them",
      false,
    )
    .option("--samples", "print each sample, too", false)
    .addOption(
      new Option("--limit <N>", "print no more than so many families and samples; 0 is no limit")
        .argParser(parseLimit)
        .default(0),
    )
    .option("--json", "print JSON", false)
    .action(async (url: URL, options: ScrapeOptions) => finish(await scrape(url, options, terminal)));
}

async function scrape(url: URL, options: ScrapeOptions, terminal: Terminal): Promise<number> {
  const { timeout: timeoutMs, header: headers, format, insecureSkipVerify, samples, json } = options;
  const convertsClassicHistograms = options.convertClassicHistogramsToNhcb;
  const limit = options.limit || Number.POSITIVE_INFINITY;
  const wanted = { url, timeoutMs, headers, format, insecureSkipVerify, convertsClassicHistograms };
  const report = await scrapeOnce({ ...wanted, clock: systemClock });
  if (json) terminal.out(`${JSON.stringify(reportToJson(report, { samples, limit }), null, 2)}\n`);
  else {
    terminal.out(renderReport(report, { samples, limit }));
    if (report.failure !== undefined) terminal.err(renderFailure(report));
  }
  return report.failure === undefined ? 0 : 1;
}

/** Without a scheme it is http, and without a path the page where metrics usually are. */
function parseUrl(text: string): URL {
  const [, scheme = "http", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(text) ?? [];
  const url = URL.parse(`${scheme}://${rest}${/[/?#]/.test(rest) ? "" : "/metrics"}`);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError("Write a URL or host:port.");
  return url;
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError("Write a duration such as 10s or 500ms.");
  return ms;
}

function addHeader(text: string, headers: ScrapeOptions["header"]): ScrapeOptions["header"] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Write 'Name: value'.");
  return { ...headers, [name]: [...(headers[name] ?? []), value] };
}

function parseLimit(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}
