/** What a scan found: row i is the cache's entry `entries[i]` with `values[i]`. The columns grow and are used again. */
export class Rows {
  entries = new Int32Array(1024);
  values = new Float64Array(1024);
  /** Milliseconds, or NaN where the line has no timestamp. */
  timestamps = new Float64Array(1024);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(entry: number, value: number, timestamp: number): void {
    const row = this.length;
    if (row === this.entries.length) this.reserve(row + 1);
    this.entries[row] = entry;
    this.values[row] = value;
    this.timestamps[row] = timestamp;
    this.length = row + 1;
  }

  /** Makes room for that many rows. */
  reserve(rows: number): void {
    if (rows <= this.entries.length) return;
    const capacity = Math.max(rows, this.entries.length * 2);
    this.entries = copyInto(new Int32Array(capacity), this.entries);
    this.values = copyInto(new Float64Array(capacity), this.values);
    this.timestamps = copyInto(new Float64Array(capacity), this.timestamps);
  }
}

function copyInto<Column extends Int32Array | Float64Array>(target: Column, source: Column): Column {
  target.set(source);
  return target;
}
