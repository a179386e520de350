import type { Body } from "../../formats/exposition/body.ts";
import type { PageFormat } from "../../formats/exposition/content-type.ts";
import { scanOpenMetrics } from "../../formats/exposition/open-metrics.ts";
import type { PageReader } from "../../formats/exposition/page-reader.ts";
import type { ProtobufOptions } from "../../formats/exposition/protobuf-rows.ts";
import { scanText } from "../../formats/exposition/scan.ts";
import { TextReader } from "../../formats/exposition/text-reader.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import { FamilyReader } from "./family-reader.ts";
import type { ScrapeSettings } from "./settings.ts";

/** How to make the reader of a target's pages. Two with the same `key` read a page alike. */
export interface ReaderFactory<Page = Body> {
  readonly key: string;
  create(): PageReader<Page>;
}

/** The readers of what is rare are loaded by the first target that needs them. */
export async function readerFactory(format: PageFormat, settings: ScrapeSettings): Promise<ReaderFactory> {
  return converting(await plainReaderFactory(format, settings), format === "open-metrics", settings);
}

/** The same for what exporters in this process yield. */
export async function familyReaderFactory(settings: ScrapeSettings): Promise<ReaderFactory<readonly MetricFamily[]>> {
  return converting({ key: "families", create: () => new FamilyReader() }, false, settings);
}

async function converting<Page>(
  factory: ReaderFactory<Page>,
  isOpenMetrics: boolean,
  settings: ScrapeSettings,
): Promise<ReaderFactory<Page>> {
  if (!settings.convertClassicHistograms) return factory;
  const { NhcbReader } = await import("../../formats/exposition/nhcb-reader.ts");
  const { classicHistograms, nativeHistogramBucketLimit: bucketLimit } = settings;
  const options = { isOpenMetrics, classicHistograms, bucketLimit };
  return { key: JSON.stringify([factory.key, options]), create: () => new NhcbReader(factory.create(), options) };
}

async function plainReaderFactory(format: PageFormat, settings: ScrapeSettings): Promise<ReaderFactory> {
  if (format === "text") return { key: format, create: () => new TextReader(scanText) };
  if (format === "open-metrics") return openMetricsReaderFactory(settings);
  const { ProtobufReader } = await import("../../formats/exposition/protobuf.ts");
  const options: ProtobufOptions = {
    nativeHistograms: settings.nativeHistograms,
    classicHistograms: settings.classicHistograms,
    bucketLimit: settings.nativeHistogramBucketLimit,
    minBucketFactor: settings.nativeHistogramMinBucketFactor,
    startTimestamps: settings.startTimestamps,
  };
  return { key: JSON.stringify([format, options]), create: () => new ProtobufReader(options) };
}

async function openMetricsReaderFactory({ startTimestamps }: ScrapeSettings): Promise<ReaderFactory> {
  const key = "open-metrics";
  if (!startTimestamps) return { key, create: () => new TextReader(scanOpenMetrics) };
  const { CreatedReader } = await import("../../formats/exposition/created-reader.ts");
  return { key: `${key} created`, create: () => new CreatedReader(new TextReader(scanOpenMetrics)) };
}
