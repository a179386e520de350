import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { WireWriter } from "../../lib/protobuf-writer.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import { decompress } from "../../lib/snappy-decode.ts";
import { customBucketsSchema } from "../../signals/native-histogram.ts";
import type { ProtobufMessage } from "./decode.ts";

/** A TimeSeries of either message, with what both spell alike as the bytes that it is. */
export interface WireSeries {
  /** Name, value, name, value, … */
  readonly labels: string[];
  /** The fields 1 and 2 of each Sample, which are all that 1.0 has; what 2.0 adds stands apart. */
  readonly samples: Uint8Array[];
  /** The fields up to 16 of each Histogram, which are all that 1.0 has. */
  readonly histograms: Uint8Array[];
  readonly exemplars: { readonly labels: string[]; readonly value: number; readonly timestamp: number }[];
}

/** More than any block that we have made. */
const longestMessage = 256 * 2 ** 20;

/**
 * The series of a block, for what is rare: sending it in the other version of the protocol, and showing it to a person.
 * Throws a ProtobufError or a SnappyError for what is no such block. Metadata and start timestamps are passed over.
 */
export function readBlock(payload: Uint8Array, message: ProtobufMessage): WireSeries[] {
  const bytes = decompress(payload, longestMessage);
  const wire = new WireReader();
  const symbols = message === "prometheus.WriteRequest" ? undefined : symbolsOf(wire, bytes);
  const seriesField = symbols === undefined ? 1 : 5;
  const series: WireSeries[] = [];
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  while (wire.next()) {
    if (wire.field === seriesField) series.push(readSeries(wire, symbols));
    else wire.skip();
  }
  return series;
}

/** Without histograms with custom buckets, whose bounds 1.0 has no field for. */
export function withoutCustomBuckets(series: readonly WireSeries[]): WireSeries[] {
  return series.flatMap((each) => {
    if (each.histograms.length === 0) return [each];
    const histograms = each.histograms.filter((message) => schemaOf(message) !== customBucketsSchema);
    const isEmpty = histograms.length + each.samples.length + each.exemplars.length === 0;
    return isEmpty ? [] : [{ ...each, histograms }];
  });
}

/** A block of these series. */
export function writeBlock(series: readonly WireSeries[], message: ProtobufMessage): Uint8Array {
  const out = new WireWriter();
  if (message === "prometheus.WriteRequest") for (const each of series) writeTexts(out, each);
  else writeRequest(out, series);
  return new SnappyEncoder().compress(out.finish());
}

function schemaOf(message: Uint8Array): number {
  const bytes = Buffer.from(message);
  const wire = new WireReader();
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  let schema = 0;
  while (wire.next()) {
    if (wire.field === 4) schema = wire.sint32();
    else wire.skip();
  }
  return schema;
}

function symbolsOf(wire: WireReader, bytes: Buffer): string[] {
  const symbols: string[] = [];
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  while (wire.next()) {
    if (wire.field === 4) symbols.push(takeText(wire));
    else wire.skip();
  }
  return symbols;
}

function readSeries(wire: WireReader, symbols: readonly string[] | undefined): WireSeries {
  const series: WireSeries = { labels: [], samples: [], histograms: [], exemplars: [] };
  const [histogramField, exemplarField] = symbols === undefined ? [4, 3] : [3, 4];
  const outer = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) readLabels(wire, symbols, series.labels);
    else if (wire.field === 2) series.samples.push(readFields(wire, 2));
    else if (wire.field === histogramField) series.histograms.push(readFields(wire, 16));
    else if (wire.field === exemplarField) series.exemplars.push(readExemplar(wire, symbols));
    else wire.skip();
  }
  wire.leave(outer);
  return series;
}

/** As bytes, because a number would lose the payload of a stale marker; what has a higher number than `last` is left out. */
function readFields(wire: WireReader, last: number): Uint8Array {
  const outer = wire.enter();
  const fields: Uint8Array[] = [];
  while (wire.next()) {
    const from = wire.fieldStart;
    const { field } = wire;
    wire.skip();
    if (field <= last) fields.push(wire.bytes.subarray(from, wire.at));
  }
  wire.leave(outer);
  return Buffer.concat(fields);
}

function readLabels(wire: WireReader, symbols: readonly string[] | undefined, to: string[]): void {
  if (symbols !== undefined) {
    const refs: number[] = [];
    wire.uint32s(refs);
    to.push(...refs.map((ref) => symbols[ref] ?? ""));
    return;
  }
  const outer = wire.enter();
  let name = "";
  let value = "";
  while (wire.next()) {
    if (wire.field === 1) name = takeText(wire);
    else if (wire.field === 2) value = takeText(wire);
    else wire.skip();
  }
  wire.leave(outer);
  to.push(name, value);
}

function readExemplar(wire: WireReader, symbols: readonly string[] | undefined): WireSeries["exemplars"][number] {
  const labels: string[] = [];
  const outer = wire.enter();
  let value = 0;
  let timestamp = 0;
  while (wire.next()) {
    if (wire.field === 1) readLabels(wire, symbols, labels);
    else if (wire.field === 2) value = wire.double();
    else if (wire.field === 3) timestamp = wire.int64AsNumber();
    else wire.skip();
  }
  wire.leave(outer);
  return { labels, value, timestamp };
}

function takeText(wire: WireReader): string {
  const from = wire.takeBytes();
  return wire.bytes.toString("utf8", from, wire.at);
}

function writeTexts(out: WireWriter, { labels, samples, exemplars, histograms }: WireSeries): void {
  out.message(1, (series) => {
    writeTextLabels(series, labels);
    for (const sample of samples) series.message(2, (to) => to.fields(sample));
    for (const exemplar of exemplars) {
      series.message(3, (to) => {
        writeTextLabels(to, exemplar.labels);
        to.double(2, exemplar.value);
        to.int64(3, exemplar.timestamp);
      });
    }
    for (const histogram of histograms) series.message(4, (to) => to.fields(histogram));
  });
}

function writeTextLabels(out: WireWriter, labels: readonly string[]): void {
  for (let at = 0; at < labels.length; at += 2) {
    out.message(1, (label) => {
      label.text(1, labels[at]!);
      label.text(2, labels[at + 1]!);
    });
  }
}

function writeRequest(out: WireWriter, all: readonly WireSeries[]): void {
  const symbols = new Map([["", 0]]);
  const refsOf = (texts: readonly string[]) =>
    texts.map((text) => {
      const ref = symbols.get(text) ?? symbols.size;
      symbols.set(text, ref);
      return ref;
    });
  const body = new WireWriter();
  for (const { labels, samples, histograms, exemplars } of all) {
    body.message(5, (series) => {
      series.packedUint32(1, refsOf(labels));
      for (const sample of samples) series.message(2, (to) => to.fields(sample));
      for (const histogram of histograms) series.message(3, (to) => to.fields(histogram));
      for (const exemplar of exemplars) {
        series.message(4, (to) => {
          to.packedUint32(1, refsOf(exemplar.labels));
          to.double(2, exemplar.value);
          to.int64(3, exemplar.timestamp);
        });
      }
    });
  }
  for (const text of symbols.keys()) out.presentText(4, text);
  out.fields(body.finish());
}
