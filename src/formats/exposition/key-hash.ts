/**
 * 64 bits of hash of the bytes between `start` and `end`, as two numbers of 32 bits in `lanes`. Words of four bytes are
 * read, the last of them with zeros behind the end, so texts of different lengths are to be told apart by their length;
 * there must be three bytes to read behind `end`.
 *
 *     word ─× c─► >>> 15 ─xor─┬─xor─► low  ─× p─►      each lane takes in every word, the one by xor and the other
 *                             └─ + ─► high ─× q─►      by addition, so what makes one equal leaves the other apart
 *
 * A product carries bits upwards only; the shift brings them down again, or texts that differ in the last letters of
 * two words would often meet.
 */
export function hashKey(view: DataView, start: number, end: number, lanes: Int32Array): void {
  let low = 0x2545f491 | 0;
  let high = 0x9e3779b9 | 0;
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    const word = Math.imul(view.getInt32(at, true), 0xcc9e2d51);
    const mixed = word ^ (word >>> 15);
    low = Math.imul(low ^ mixed, 0x85ebca6b);
    high = Math.imul((high + mixed) | 0, 0xc2b2ae35);
  }
  if (at < end) {
    const word = Math.imul(view.getInt32(at, true) & ((1 << ((end - at) * 8)) - 1), 0xcc9e2d51);
    const mixed = word ^ (word >>> 15);
    low = Math.imul(low ^ mixed, 0x85ebca6b);
    high = Math.imul((high + mixed) | 0, 0xc2b2ae35);
  }
  lanes[0] = low;
  lanes[1] = high;
}
