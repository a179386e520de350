import type { PageFormat } from "../../formats/exposition/content-type.ts";
import { scanOpenMetrics } from "../../formats/exposition/open-metrics.ts";
import type { PageReader } from "../../formats/exposition/page-reader.ts";
import type { ProtobufOptions } from "../../formats/exposition/protobuf-rows.ts";
import { scanText } from "../../formats/exposition/scan.ts";
import { TextReader } from "../../formats/exposition/text-reader.ts";
import type { ScrapeSettings } from "./settings.ts";

/** How to make the reader of a target's pages. Two with the same `key` read a page alike. */
export interface ReaderFactory {
  readonly key: string;
  create(): PageReader;
}

/** The readers of what is rare are loaded by the first target that needs them. */
export async function readerFactory(format: PageFormat, settings: ScrapeSettings): Promise<ReaderFactory> {
  const factory = await plainReaderFactory(format, settings);
  if (!settings.convertClassicHistograms) return factory;
  const { NhcbReader } = await import("../../formats/exposition/nhcb-reader.ts");
  const options = {
    isOpenMetrics: format === "open-metrics",
    classicHistograms: settings.classicHistograms,
    bucketLimit: settings.nativeHistogramBucketLimit,
  };
  return {
    key: JSON.stringify([factory.key, options]),
    create: () => new NhcbReader(factory.create(), options),
  };
}

async function plainReaderFactory(format: PageFormat, settings: ScrapeSettings): Promise<ReaderFactory> {
  if (format === "text") return { key: format, create: () => new TextReader(scanText) };
  if (format === "open-metrics") return { key: format, create: () => new TextReader(scanOpenMetrics) };
  const { ProtobufReader } = await import("../../formats/exposition/protobuf.ts");
  const options: ProtobufOptions = {
    nativeHistograms: settings.nativeHistograms,
    classicHistograms: settings.classicHistograms,
    bucketLimit: settings.nativeHistogramBucketLimit,
    minBucketFactor: settings.nativeHistogramMinBucketFactor,
  };
  return { key: JSON.stringify([format, options]), create: () => new ProtobufReader(options) };
}
