import { Body } from "../../formats/exposition/body.ts";
import type { PageReader } from "../../formats/exposition/page-reader.ts";
import { ProtobufReader } from "../../formats/exposition/protobuf.ts";
import { Rows } from "../../formats/exposition/rows.ts";
import { scanText } from "../../formats/exposition/scan.ts";
import { TextReader } from "../../formats/exposition/text-reader.ts";
import { type Labels, labelRecord, labelsFrom, labelValue } from "../../signals/labels.ts";
import type { NativeHistogram } from "../../signals/native-histogram.ts";
import { RefusedRequest } from "./request-body.ts";

export interface PushedSample {
  /** The name of the family: that of a histogram, not that of its `_bucket`. A POST replaces by it. */
  readonly family: string;
  /** With those of the group. */
  readonly labels: Labels;
  readonly value: number | NativeHistogram;
}

export interface PushedPage {
  readonly samples: readonly PushedSample[];
  /** The page can be read and yet not be taken: the group notes that as a failure. */
  readonly problem: string | undefined;
}

/** The Pushgateway writes these itself; what is pushed under their names is passed over. */
export const pushTimeName = "push_time_seconds";
export const pushFailureTimeName = "push_failure_time_seconds";

/**
 * Reads what a client has pushed. Labels of the group win over those on the page. Throws a RefusedRequest for a page that
 * cannot be read.
 */
export function readPushedPage(content: Buffer, contentType: string | undefined, group: Labels): PushedPage {
  const reader = readerFor(contentType);
  const rows = new Rows();
  const body = new Body(content.length);
  body.clear();
  body.append(content);
  const error = reader.read(body, rows);
  if (error !== undefined) throw new RefusedRequest(400, error.message);
  const samples: PushedSample[] = [];
  let problem: string | undefined;
  for (let row = 0; row < rows.length; row++) {
    const entry = rows.entries[row] ?? 0;
    if (!Number.isNaN(rows.timestamps[row])) problem ??= "pushed metrics must not have timestamps";
    const value = rows.histograms.get(row) ?? rows.values[row] ?? 0;
    const labels = labelsFrom({ ...labelRecord(reader.takeLabels(entry, body)), ...labelRecord(group) });
    const sample = { family: familyOf(labelValue(labels, "__name__"), reader.typeOf(entry)), labels, value };
    if (sample.family !== pushTimeName && sample.family !== pushFailureTimeName) samples.push(sample);
  }
  return { samples, problem: problem ?? duplicateIn(samples) };
}

/** Anything but protobuf is read as text, as the Pushgateway does: `curl --data-binary` says it sends a form. */
function readerFor(contentType = ""): PageReader {
  const parts = contentType.toLowerCase().replaceAll(/[\s"]/g, "").split(";");
  const isProtobuf =
    parts[0] === "application/vnd.google.protobuf" &&
    parts.includes("proto=io.prometheus.client.metricfamily") &&
    parts.includes("encoding=delimited");
  if (!isProtobuf) return new TextReader(scanText);
  return new ProtobufReader({
    nativeHistograms: true,
    classicHistograms: true,
    bucketLimit: 0,
    minBucketFactor: 0,
    startTimestamps: false,
  });
}

function familyOf(name: string, type: string): string {
  return type === "histogram" || type === "summary" ? name.replace(/_(bucket|sum|count)$/, "") : name;
}

function duplicateIn(samples: readonly PushedSample[]): string | undefined {
  const seen = new Set<string>();
  for (const { labels } of samples) {
    const key = JSON.stringify(labels);
    if (seen.has(key)) return `${labelValue(labels, "__name__")} comes twice with the same labels`;
    seen.add(key);
  }
  return undefined;
}
