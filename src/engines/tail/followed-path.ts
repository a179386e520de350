import type { Labels } from "../../signals/labels.ts";
import type { FollowedBy, LogFile, StreamName } from "./log-file.ts";

export interface Shared {
  readonly owner: LogFile;
  /** Of the owner, when this was found out. */
  readonly state: LogFile["state"];
  readonly id: string;
  /** Where it seems to be a copy that is still being made: at which size, and until when that is believed. */
  readonly making?: { readonly size: number; readonly until: number };
}

/** A path that is followed, and the files that have had it, as far as they are not read to their end. */
export class FollowedPath implements FollowedBy {
  readonly name: StreamName;
  /** With `filename`. */
  readonly labels: Labels;
  /** The oldest first; the live one, if there is one, is the last. */
  readonly files: LogFile[] = [];
  live: LogFile | undefined;
  /** The file belongs to another path, or is a copy of one that does: it is not read twice. */
  shared: Shared | undefined;
  /** Of the last write to the file that had the path before; what was rotated away since is looked for. */
  lastWrite: bigint | undefined;
  /** Why it is not read, for the log, once. */
  ignored: { readonly reason: string; readonly mtimeNs: bigint } | undefined;
  /** There when its target was first searched for: a file that comes later is read from its beginning in any case. */
  readonly isFromStart: boolean;
  /** Nothing had the name at the last look. */
  isGone = false;
  /** The positions of the last start are taken over. */
  isStarted = false;
  lookAt = 0;
  pollMs = 0;

  constructor(name: StreamName, labels: Labels, isFromStart: boolean) {
    this.name = name;
    this.labels = labels;
    this.isFromStart = isFromStart;
  }

  /** Before the live one, if it is rotated: it was written earlier. */
  add(file: LogFile): void {
    if (file.state === "live") this.live = file;
    const at = this.live === undefined || this.live === file ? -1 : this.files.indexOf(this.live);
    this.files.splice(at < 0 ? this.files.length : at, 0, file);
  }

  drop(file: LogFile): void {
    const at = this.files.indexOf(file);
    if (at >= 0) this.files.splice(at, 1);
    if (this.live === file) this.live = undefined;
  }

  /** Files are read in their order: one waits until the end of those before it was reached. */
  isNext(file: LogFile): boolean {
    const at = this.files.indexOf(file);
    return at >= 0 && this.files.slice(0, at).every(({ isDrained }) => isDrained);
  }
}
