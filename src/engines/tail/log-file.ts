import type { Labels } from "../../signals/labels.ts";
import type { ArchiveFormat } from "./archive.ts";
import type { Encoding } from "./encoding.ts";
import {
  type FileIdentity,
  type Hashed,
  hashed,
  nothingHashed,
  type Readable,
  readFully,
  tailLength,
} from "./file-identity.ts";
import type { SavedPosition } from "./positions.ts";
import { Settled } from "./settled.ts";
import type { FileStat } from "./tail-files.ts";

/** How far the receiver has it: the offset and the bytes before it. */
export interface Mark {
  readonly offset: number;
  readonly tail: Hashed;
}

export const beginning: Mark = { offset: 0, tail: nothingHashed };

/** The stream that a file belongs to: what the user calls it, and the labels beside `filename`. */
export interface StreamName {
  readonly path: string;
  readonly stream: string;
}

/** A queue may sync once a second: what it acknowledged may be gone for so long after a power cut. */
const settleMs = 2_000;

/** Who follows a file. */
export interface FollowedBy {
  readonly name: StreamName;
  /** Of its entries. */
  readonly labels: Labels;
  readonly files: readonly LogFile[];
  isNext(file: LogFile): boolean;
  /** When the path is looked at next. */
  lookAt: number;
}

export interface LogFileOptions {
  readonly followed: FollowedBy;
  readonly id: string;
  readonly path: string;
  readonly format?: ArchiveFormat | undefined;
  readonly mark?: Mark;
  readonly prefix?: Hashed;
}

/**
 * One content from its first byte to its last: it keeps its place while rotation gives it other names, and is told from
 * another one that takes its name or its inode.
 *
 *     live ──(another file has its name)──► rotated ──(read to its end, and quiet)──► done
 */
export class LogFile {
  readonly followed: FollowedBy;
  state: "live" | "rotated" | "done" = "live";
  id: string;
  /** Where it is opened: of a live one what the user calls it. */
  path: string;
  /** Where it was last seen, links followed. */
  realPath: string;
  format: ArchiveFormat | undefined;
  prefix: Hashed;
  /** At the last look; of a compressed file, packed. */
  size = 0;
  mtimeNs = 0n;
  /** When this content was last written to, as far as its bytes were seen since: a look tells that something was, not what. */
  lastWriteNs = 0n;
  encoding: Encoding | undefined;
  /** Under way: read, or waiting for its receiver. */
  isReading = false;
  /** There may be more to read once this turn has ended. */
  isWanted = false;
  /** Its end was reached once: the files after it need not wait any more. */
  isDrained = false;
  /** What a read found does not go on where the last one ended. */
  isSuspect = false;
  /** No name leads to it any more. */
  isDeleted = false;
  /** An unfinished line is taken as it is: nobody will finish it. */
  isFlushed = false;
  /** An archive that ends in the middle. */
  isIncomplete = false;
  /** Bytes after the offset that are known to be NULs: a hole whose end is not found yet. */
  nulScan = 0;
  /** How much to ask for, grown for a line that is longer. */
  chunk = 0;
  /** Nothing before this time: the receiver or the disk refused. */
  retryAt = 0;
  failures = 0;
  /** When it last grew or was rotated away. */
  quietSince = 0;
  readonly #mark: Settled<Mark>;

  constructor({ followed, id, path, format, mark = beginning, prefix = nothingHashed }: LogFileOptions) {
    this.followed = followed;
    this.id = id;
    this.path = path;
    this.realPath = path;
    this.format = format;
    this.prefix = prefix;
    this.#mark = new Settled(mark, settleMs);
  }

  get name(): StreamName {
    return this.followed.name;
  }

  get mark(): Mark {
    return this.#mark.newest;
  }

  get offset(): number {
    return this.#mark.newest.offset;
  }

  get identity(): FileIdentity {
    return { id: this.id, prefix: this.prefix, ...this.#mark.newest };
  }

  /** The receiver has all before this mark. */
  moveTo(mark: Mark, now: number): void {
    this.#mark.set(mark, now);
    this.nulScan = 0;
  }

  /** The bytes are this content's; a look before they were read saw this time. */
  confirm(mtimeNs = this.mtimeNs): void {
    this.lastWriteNs = mtimeNs;
  }

  /** What a snapshot may say of it at this time: all that was acknowledged, or only what is old enough. */
  saved(now: number, isAll: boolean): SavedPosition {
    const { offset, tail } = isAll ? this.#mark.newest : this.#mark.at(now);
    const { id, prefix, lastWriteNs, size, realPath } = this;
    const isDone = this.state === "done" && offset === this.offset;
    const { path, stream } = this.name;
    return { path, stream, realPath, id, prefix, tail, offset, mtimeNs: String(lastWriteNs), size, isDone };
  }
}

export function markAt(offset: number, tailBytes: Uint8Array): Mark {
  return { offset, tail: hashed(tailBytes) };
}

/** What a look at the file says of it. */
export function note(file: LogFile, stat: FileStat): void {
  file.size = stat.size;
  file.mtimeNs = stat.mtimeNs;
  file.isDeleted = stat.links === 0;
}

/** What is known of a position that somebody else wrote down: the bytes before it. */
export async function markIn(content: Readable, offset: number): Promise<Mark> {
  const length = Math.min(tailLength, offset);
  return markAt(offset, await readFully(content, length, offset - length));
}
