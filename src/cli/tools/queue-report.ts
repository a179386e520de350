import {
  describeKind,
  type InspectedCursor,
  type InspectedQueue,
  type InspectedSegment,
} from "../../agent/queue-report.ts";

/** One queue, for people. */
export function renderQueue(queue: InspectedQueue, withFrames: boolean): string {
  const { folder, uuid, format, segments, cursors, quarantine } = queue;
  const lines = [
    `${folder}`,
    `  queue ${uuid ?? "without a name that can be read"}${format === "good" ? "" : `; FORMAT is ${format}`}`,
  ];
  for (const segment of segments) {
    lines.push(`  ${describeSegment(segment)}`);
    if (withFrames) lines.push(...segment.frames.map((frame) => `    ${describeFrame(frame)}`));
  }
  for (const cursor of cursors) lines.push(`  ${describeCursor(cursor, segments)}`);
  if (quarantine.length > 0) lines.push(`  quarantine: ${quarantine.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** As lines of a page of metrics, with the time behind the value. */
export function renderFrame(
  series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly samples: readonly (readonly [timestamp: number, value: string])[];
    readonly histograms?: number;
    readonly exemplars?: number;
  }[],
): string {
  return series
    .flatMap(({ labels: { __name__: name = "", ...rest }, samples, histograms = 0, exemplars = 0 }) => {
      const pairs = Object.entries(rest).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
      const head = pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
      return [
        ...samples.map(([timestamp, value]) => `${head} ${value} ${timestamp}`),
        ...(histograms > 0 ? [`${head} # ${plural(histograms, "native histogram")}`] : []),
        ...(exemplars > 0 ? [`${head} # ${plural(exemplars, "exemplar")}`] : []),
      ];
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** A line for each entry: its time in nanoseconds, its stream, the line and its structured metadata. */
export function renderStreams(
  tenant: string,
  streams: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[];
  }[],
): string {
  const entries = streams.flatMap(({ stream, values }) =>
    values.map(([timestamp, line, metadata]) => {
      return [timestamp, JSON.stringify(stream), line, ...(metadata ? [JSON.stringify(metadata)] : [])].join(" ");
    }),
  );
  const head = tenant === "" ? [] : [`# tenant ${tenant}`];
  return [...head, ...entries].map((line) => `${line}\n`).join("");
}

function describeSegment({ name, bytes, header, frames, againFrom, isDamaged }: InspectedSegment): string {
  const records = frames.reduce((sum, frame) => sum + frame.records, 0);
  const [first, last] = [frames[0], frames.at(-1)];
  const range = first && last ? `, ${first.sequence} to ${last.sequence}` : "";
  const again = againFrom === undefined ? "" : `, written again from ${againFrom} on`;
  const trouble = header !== "good" ? `; its header is ${header}` : isDamaged ? "; damaged" : "";
  return `${name}  ${formatBytes(bytes)}  ${plural(frames.length, "frame")}${range}, ${plural(records, "record")}${again}${trouble}`;
}

function describeFrame({
  sequence,
  kind,
  records,
  bytes,
  appendedAt,
  minTimestamp,
  maxTimestamp,
}: InspectedSegment["frames"][number]): string {
  const time = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : "?");
  return (
    `${sequence}  ${describeKind(kind)}  ${formatBytes(bytes)}  ${plural(records, "record")}  appended ${time(appendedAt)}  ` +
    `from ${time(minTimestamp)} to ${time(maxTimestamp)}`
  );
}

function describeCursor({ name, position }: InspectedCursor, segments: readonly InspectedSegment[]): string {
  if (position === "damaged") return `cursor ${name} is damaged: it begins anew`;
  const behind = segments.flatMap(({ frames, againFrom = Number.POSITIVE_INFINITY }) => {
    return frames.filter(({ sequence }) => sequence >= position.sequence && sequence < againFrom);
  });
  const records = behind.reduce((sum, frame) => sum + frame.records, 0);
  return `cursor ${name} at ${position.sequence}: ${plural(behind.length, "frame")}, ${plural(records, "record")} to deliver`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
