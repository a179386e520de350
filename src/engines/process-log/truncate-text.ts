/** In UTF-8, as it is sent. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** As much of the text as fits into so many bytes of UTF-8, without a part of a character. */
export function truncateText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
