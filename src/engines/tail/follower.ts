import type { Clock } from "../../lib/clock.ts";
import type { Adoption } from "./adoption.ts";
import { continues, hashed, prefixLength, readPrefix, sameHash } from "./file-identity.ts";
import type { FollowedPath } from "./followed-path.ts";
import type { KnownFiles } from "./known-files.ts";
import type { Located, Locator } from "./locator.ts";
import { type LogFile, note } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import type { FolderScan } from "./relatives.ts";
import type { FileStat, TailFiles } from "./tail-files.ts";

export interface FollowSurroundings {
  readonly files: TailFiles;
  readonly open: OpenFiles;
  readonly locator: Locator;
  readonly known: KnownFiles;
  readonly clock: Clock;
  /** There may be something to read. */
  readonly onReadable: (file: LogFile) => void;
}

/**
 * Which file has a path now, and what became of those that had it before. Never waits for a receiver: during an outage
 * rotation goes on, and every file it makes is remembered in its order.
 *
 *     a look at the path finds …
 *       nothing            the live file was deleted, or is between two names
 *       another inode      it was rotated away: where to? and what came between it and this one?
 *       the same, shorter  copytruncate: where is the copy? and what came after it?
 *       the same, longer   it grew; unless the bytes before the position are other ones, which is as if it were shorter
 */
export class Follower {
  readonly #surroundings: FollowSurroundings;
  readonly #adoption: Adoption;

  constructor(surroundings: FollowSurroundings, adoption: Adoption) {
    this.#surroundings = surroundings;
    this.#adoption = adoption;
  }

  /** One look. Resolves to whether anything had changed. Rejects where the file cannot be looked at. */
  async look(followed: FollowedPath, stat: FileStat | undefined, scan: FolderScan): Promise<boolean> {
    const { live } = followed;
    if (!followed.isStarted) {
      await this.#adoption.start(followed, stat, scan);
      return true;
    }
    if (stat === undefined || !stat.isFile) {
      if (live === undefined) return false;
      await this.#retire(followed, live, scan);
      return true;
    }
    if (live === undefined) return this.#adoption.adopt(followed, stat, scan);
    if (live.id === stat.id) return this.#lookAgain(followed, live, stat, scan);
    await this.#retire(followed, live, scan);
    await this.#adoption.adopt(followed, stat, scan);
    return true;
  }

  /** A rotated file may still be written to by those who have it open. Resolves to whether it grew. */
  async lookAtRotated(file: LogFile): Promise<boolean> {
    const { open, files, clock } = this.#surroundings;
    const stat = open.isOpen(file) ? await open.stat(file) : await files.stat(file.path);
    if (stat === undefined || stat.id !== file.id) return false;
    file.isDeleted = stat.links === 0;
    const hasGrown = stat.size !== file.size || stat.mtimeNs !== file.mtimeNs;
    if (hasGrown) file.quietSince = clock.monotonic();
    // What it unpacks to is another one now.
    if (hasGrown && file.format !== undefined) await open.close(file);
    file.size = stat.size;
    file.mtimeNs = stat.mtimeNs;
    file.confirm();
    return hasGrown;
  }

  /**
   * The bytes of a rotated file are not where they were: they are looked for again and again, because a copy or an archive
   * may be in the making, and given up in the end.
   */
  async relocate(followed: FollowedPath, file: LogFile, scan: FolderScan): Promise<void> {
    const { open, clock, onReadable } = this.#surroundings;
    await open.close(file);
    const found = await this.#find(file, scan);
    const since = clock.monotonic() - file.quietSince;
    if (found !== undefined) {
      this.#moveTo(file, found);
      onReadable(file);
    } else if (since > searchMs) await this.#adoption.giveUp(followed, file);
    else file.retryAt = clock.monotonic() + Math.max(1_000, since);
  }

  async #lookAgain(followed: FollowedPath, live: LogFile, stat: FileStat, scan: FolderScan): Promise<boolean> {
    const hasChanged = stat.size !== live.size || stat.mtimeNs !== live.mtimeNs;
    if (!hasChanged && !live.isSuspect) return false;
    // Of its size alone nothing follows: that may be older than the content.
    const wasEmptySince = live.prefix.length === 0 ? live.lastWriteNs : undefined;
    const mayBeOther = stat.size < live.size || live.isSuspect || live.size > live.offset;
    if ((mayBeOther && !(await this.#goesOn(live))) || !(await this.#learnPrefix(live, stat))) {
      await this.#replaced(followed, live, stat, scan);
      return true;
    }
    live.isSuspect = false;
    note(live, stat);
    if (mayBeOther) live.confirm();
    // While it was empty it may have been filled, copied and emptied again, all between two looks.
    if (wasEmptySince !== undefined) await this.#adoption.addSuccessors(followed, wasEmptySince, scan);
    if (live.format !== undefined) await this.#surroundings.open.close(live);
    this.#surroundings.onReadable(live);
    return true;
  }

  /** By the bytes of the inode itself: whatever has the name by now is the next look's. */
  async #goesOn(live: LogFile): Promise<boolean> {
    if (live.format !== undefined) return true;
    return this.#surroundings.open.use(live, (content) => continues(content, live.identity));
  }

  /** The prefix grows with the file. False where what was known of it is not true any more. */
  async #learnPrefix(live: LogFile, stat: FileStat): Promise<boolean> {
    const { length } = live.prefix;
    if (live.format !== undefined || length === prefixLength || stat.size <= length) return true;
    const bytes = await this.#surroundings.open.use(live, (content) => readPrefix(content));
    if (!sameHash(hashed(bytes.subarray(0, length)), live.prefix)) return false;
    live.prefix = hashed(bytes);
    return true;
  }

  /** Its name is gone, or another file's. */
  async #retire(followed: FollowedPath, old: LogFile, scan: FolderScan): Promise<void> {
    const { open, onReadable } = this.#surroundings;
    this.#rotate(followed, old);
    if (open.isOpen(old)) await this.lookAtRotated(old);
    if (!old.isDeleted) {
      const found = await this.#find(old, scan);
      // One that is open is read on, whatever it is called; a copy only stands in for one that is not.
      if (found !== undefined && (found.stat.id === old.id || !open.isOpen(old))) this.#moveTo(old, found);
      else if (!open.isOpen(old)) suspect(old);
    }
    followed.lastWrite = old.lastWriteNs;
    onReadable(old);
  }

  /** The same inode has another content: the old one is read on from its copy. */
  async #replaced(followed: FollowedPath, old: LogFile, stat: FileStat, scan: FolderScan): Promise<void> {
    const { open, onReadable } = this.#surroundings;
    this.#rotate(followed, old);
    await open.close(old);
    const found = await this.#find(old, scan);
    if (found === undefined) this.#forsake(old);
    else this.#moveTo(old, found);
    followed.lastWrite = old.lastWriteNs;
    onReadable(old);
    await this.#adoption.adopt(followed, stat, scan);
  }

  #rotate(followed: FollowedPath, old: LogFile): void {
    followed.live = undefined;
    old.state = "rotated";
    old.quietSince = this.#surroundings.clock.monotonic();
    old.isDrained = false;
    old.isSuspect = false;
  }

  /** The inode is another content's now; where its own is, nobody knows yet. */
  #forsake(old: LogFile): void {
    this.#surroundings.known.move(old, `lost:${old.name.path}:${this.#surroundings.clock.monotonic()}`);
    suspect(old);
  }

  async #find(file: LogFile, scan: FolderScan): Promise<Located | undefined> {
    const { identity, realPath, name } = file;
    const wanted = { identity, path: name.path, realPath };
    return this.#surroundings.locator.find(wanted, scan, this.#adoption.isOwned(name.stream, file));
  }

  #moveTo(file: LogFile, { path, stat, format }: Located): void {
    file.path = path;
    file.realPath = path;
    file.format = format;
    file.isFlushed ||= format !== undefined;
    file.isSuspect = false;
    file.isDrained = false;
    this.#surroundings.known.move(file, stat.id);
    note(file, stat);
    file.confirm();
  }
}

/** How long a copy or an archive may take to be made. */
const searchMs = 30_000;

/** It is looked for later; those after it need not wait. */
function suspect(file: LogFile): void {
  file.isSuspect = true;
  file.isDrained = true;
}
