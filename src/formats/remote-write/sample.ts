/** The NaN that stands for "this series has ended", as it lies on the wire (prometheus: model/value, StaleNaN). */
export const staleMarker = Uint8Array.of(0x02, 0, 0, 0, 0, 0, 0xf0, 0x7f);

/** The varint of a timestamp, if it takes six bytes: it does from 1971 to 2109. */
export function sixByteTime(timestamp: number): Uint8Array | undefined {
  if (!(timestamp >= 2 ** 35 && timestamp < 2 ** 42)) return undefined;
  const bytes = new Uint8Array(6);
  let left = timestamp;
  for (let at = 0; at < 5; at++) {
    bytes[at] = (left % 128) | 128;
    left = Math.floor(left / 128);
  }
  bytes[5] = left;
  return bytes;
}
