import type { SplitLines } from "../../src/engines/tail/line-splitter.ts";

/** src/engines/tail/line-splitter.ts for UTF-8, one byte after the other. */
export function splitLinesSlowly(bytes: Buffer, flush: boolean, maxBytes: number): SplitLines {
  const lines: string[] = [];
  const truncated: number[] = [];
  let [invalid, nulBytes, consumed] = [0, 0, 0];

  function end(line: number[], isTruncated: boolean): void {
    const kept = line.filter((byte, at) => byte !== 0 || (line[at - 1] !== 0 && line[at + 1] !== 0));
    nulBytes += line.length - kept.length;
    if (line.length > 0 && kept.length === 0) return;
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(kept));
    } catch {
      text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(kept));
      invalid++;
    }
    if (isTruncated) truncated.push(lines.length);
    lines.push(isTruncated ? text : text.replace(/\r$/, ""));
  }

  let line: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 10) {
      end(line, false);
      line = [];
      consumed = at + 1;
      continue;
    }
    line.push(byte);
    if (line.length <= maxBytes) continue;
    // One more than allowed: it begins the next entry, with what belongs to its character.
    const next = [line.pop()!];
    const isContinuation = () => (next[0]! & 0xc0) === 0x80;
    for (let back = 0; back < 3 && isContinuation(); back++) next.unshift(line.pop()!);
    if (isContinuation()) line.push(...next.splice(0, next.length - 1));
    end(line, true);
    line = next;
    consumed = at + 1 - line.length;
  }
  if (flush && line.length > 0) {
    end(line, false);
    consumed = bytes.length;
  }
  return { count: lines.length, lines, consumed, truncated, invalid, nulBytes };
}
