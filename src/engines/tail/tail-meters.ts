/** What tailing counts. */
export interface TailMeters {
  /** How far a file was read, in bytes. */
  readBytes(path: string, offset: number): void;
  fileBytes(path: string, size: number): void;
  lines(path: string, count: number): void;
  truncated(count: number): void;
  invalid(count: number): void;
  nulBytes(count: number): void;
  /** Bytes that were not read and cannot be found any more. */
  lost(bytes: number): void;
  /** A read, a look or a hand-over that failed. */
  failure(): void;
  active(files: number): void;
  /** The path is not followed any more. */
  forget(path: string): void;
}
