type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/**
 * The column with room for `length` numbers; what is new in it is `fill`. It grows by a quarter and not by half: every
 * target has columns of its own, and what is spare in them is memory for nothing. Whoever knows how many numbers will come
 * asks for all at once, and gets just those.
 */
export function grownColumn<Kind extends Column>(column: Kind, length: number, fill = 0): Kind {
  if (length <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => Kind)(
    Math.max(length, Math.ceil(column.length * 1.25)),
  );
  larger.set(column as never);
  if (fill !== 0) larger.fill(fill as never, column.length);
  return larger;
}
