export interface WireSample {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly value: number;
}

const labelsTag = 0x0a;
const samplesTag = 0x12;
const valueTag = 0x09;
const timestampTag = 0x10;

/**
 * Walks through a WriteRequest of remote write 1.0. `labels` is the part of a series that holds its labels, as bytes: equal
 * for the same series. Stale markers are left out.
 */
export function* readWriteRequest(message: Buffer): Generator<{ labels: Buffer; samples: WireSample[] }> {
  for (const [tag, start, end] of fields(message, 0, message.length)) {
    if (tag !== 0x0a) continue;
    let labelsEnd = start;
    const samples: WireSample[] = [];
    for (const [part, from, to] of fields(message, start, end)) {
      if (part === labelsTag) labelsEnd = to;
      else if (part === samplesTag) samples.push(...readSample(message, from, to));
    }
    yield { labels: message.subarray(start, labelsEnd), samples };
  }
}

function readSample(message: Buffer, start: number, end: number): WireSample[] {
  let value = 0;
  let isStale = false;
  let timestamp = 0;
  for (const [tag, at] of fields(message, start, end)) {
    if (tag === timestampTag) timestamp = readVarint(message, at);
    else if (tag === valueTag) {
      value = message.readDoubleLE(at);
      isStale = message.readUInt32LE(at) === 2 && message.readUInt32LE(at + 4) === 0x7ff00000;
    }
  }
  return isStale ? [] : [{ timestamp, value }];
}

/** Of the `labels` of a series. */
export function readLabels(bytes: Buffer): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, start, end] of fields(bytes, 0, bytes.length)) {
    const [name = "", value = ""] = Array.from(fields(bytes, start, end), ([, at, to]) =>
      bytes.toString("utf8", at, to),
    );
    labels[name] = value;
  }
  return labels;
}

/** Tag, start and end of each field. */
function* fields(message: Buffer, start: number, end: number): Generator<[tag: number, start: number, end: number]> {
  for (let at = start; at < end; ) {
    const tag = message[at]!;
    let from = at + 1;
    if ((tag & 7) === 1) at = from + 8;
    else if ((tag & 7) === 2) {
      const length = readVarint(message, from);
      from = varintEnd(message, from);
      at = from + length;
    } else at = varintEnd(message, from);
    yield [tag, from, at];
  }
}

function readVarint(message: Buffer, start: number): number {
  let value = 0;
  let factor = 1;
  for (let at = start; ; at++) {
    value += (message[at]! & 127) * factor;
    if (message[at]! < 128) return value;
    factor *= 128;
  }
}

function varintEnd(message: Buffer, start: number): number {
  let at = start;
  while (message[at]! > 127) at++;
  return at + 1;
}
