import { basename, dirname, join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ArchiveFormat } from "./archive.ts";
import { type Hashed, hasContent, hashed, inodeOf, readPrefix, sameHash } from "./file-identity.ts";
import type { FollowedPath, Shared } from "./followed-path.ts";
import type { KnownFiles } from "./known-files.ts";
import type { IsOwned, Located, Locator } from "./locator.ts";
import { beginning, LogFile, type Mark, markIn, note } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import type { SavedPosition } from "./positions.ts";
import { type FolderScan, type Found, namesBeforeRotation } from "./relatives.ts";
import type { FileStat, TailFiles } from "./tail-files.ts";
import type { TailMeters } from "./tail-meters.ts";

export interface AdoptionOptions {
  readonly files: TailFiles;
  readonly open: OpenFiles;
  readonly locator: Locator;
  readonly known: KnownFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meters: TailMeters;
  readonly onReadable: (file: LogFile) => void;
  /** Files without a position that are there from the start begin at their end. */
  readonly fromEnd: boolean;
  /** Archives of this format are unpacked; others are left alone. */
  readonly decompression: ArchiveFormat | undefined;
  /** Bytes, by path: positions of the agent that was here before. */
  readonly legacy: ReadonlyMap<string, number>;
}

/** A copy grows all the time while it is made. */
const makingMs = 5_000;

/** Where to begin with a file that takes a path: it may be known by another name, from the last start, or be new. */
export class Adoption {
  readonly #options: AdoptionOptions;

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** Resolves to whether it did anything. Rejects where the file cannot be read. */
  async adopt(followed: FollowedPath, stat: FileStat, scan: FolderScan): Promise<boolean> {
    const { shared } = followed;
    if (this.#isStillShared(shared, stat)) return false;
    if (followed.ignored !== undefined && followed.ignored.mtimeNs === stat.mtimeNs) return false;
    followed.shared = undefined;
    if (followed.lastWrite !== undefined) await this.addSuccessors(followed, followed.lastWrite, scan);

    const { path, stream } = followed.name;
    const { locator, files } = this.#options;
    const first = await locator.reading(path, readPrefix);
    const format = locator.formatOf(first);
    if (this.#isIgnored(followed, stat, format)) return false;
    const owner = (await this.#ownerOf(stream, { path, stat })) ?? (await this.#copiedFrom(followed, format));
    if (owner !== undefined && owner.state !== "done") {
      followed.shared = { owner, state: owner.state, id: stat.id };
      return true;
    }
    const prefix = format === undefined ? first : await locator.reading(path, readPrefix, format);
    if (owner === undefined) {
      followed.shared = this.#copyInTheMaking(followed, stat, prefix, format, shared);
      if (followed.shared !== undefined) return true;
    }
    const mark = await this.#knownMark(followed, stat, owner, format);
    if ((await files.stat(path))?.id !== stat.id) {
      // Rotated away since it was looked at: the next look searches for it, and for what came after it.
      followed.lastWrite ??= stat.mtimeNs;
      return true;
    }
    followed.lastWrite = undefined;
    await this.#begin(followed, stat, { mark, format, prefix: hashed(prefix) });
    return true;
  }

  /**
   * The first look at a path: the files that it had at the last start are found again, whatever they are called now, and
   * read on. Rejects where it cannot be read, with nothing done.
   */
  async start(followed: FollowedPath, stat: FileStat | undefined, scan: FolderScan): Promise<void> {
    const { locator, known } = this.#options;
    const { path } = followed.name;
    if (stat?.isFile && known.has(path)) await locator.reading(path, async () => {});
    followed.isStarted = true;
    for (const position of known.claim(followed.name)) {
      followed.lastWrite = BigInt(position.mtimeNs);
      if (position.isDone) this.#remember(followed, position);
      else if (!(await this.#resume(followed, position, stat))) await this.#restoreRotated(followed, position, scan);
    }
    if (followed.live !== undefined) followed.lastWrite = undefined;
    else if (stat?.isFile) await this.adopt(followed, stat, scan);
  }

  /**
   * Whether a file is read by another one than `seeker`. One that was read under this inode may have been deleted, and its
   * inode be another file's by now; of one that was empty when it was last looked at, nothing tells.
   */
  isOwned(stream: string, seeker?: LogFile): IsOwned {
    return async (found) => ![undefined, seeker].includes(await this.#ownerOf(stream, found));
  }

  /** What was rotated away after a write at `since` and before a look could see it. */
  async addSuccessors(followed: FollowedPath, since: bigint, scan: FolderScan): Promise<void> {
    const { locator, known } = this.#options;
    const { path, stream } = followed.name;
    const knowledge = { isOwned: this.isOwned(stream), contents: () => known.contentsOf(followed.name) };
    for (const found of await locator.successors(path, since, scan, knowledge)) {
      await this.#rotatedAt(followed, found, { prefix: found.prefix, ...beginning });
    }
  }

  /** What was not read of it is lost. */
  async giveUp(followed: FollowedPath, file: LogFile): Promise<void> {
    const { known, open, onReadable } = this.#options;
    this.#countLost(file.name.path, file.realPath, file.size - file.offset);
    file.state = "done";
    followed.drop(file);
    known.release(file);
    await open.close(file);
    // Those that came after it may have waited for it.
    for (const other of followed.files) if (!other.isDrained) onReadable(other);
  }

  #countLost(path: string, lastSeenAs: string, bytes: number): void {
    const { log, meters } = this.#options;
    if (bytes <= 0) return;
    meters.lost(bytes);
    log.error("the rest of a file is lost: it was removed or overwritten before it was read, and no copy is found", {
      path,
      last_seen_as: lastSeenAs,
      bytes,
    });
  }

  async #ownerOf(stream: string, { path, stat }: Found): Promise<LogFile | undefined> {
    const { known, locator } = this.#options;
    const owner = known.owner(stream, stat.id);
    if (owner === undefined) return undefined;
    const isEmpty = owner.state !== "done" && !hasContent(owner.identity);
    return isEmpty || (await locator.has(path, owner.identity, owner.format)) ? owner : undefined;
  }

  /** Archives are no text: they are left alone unless the user wants them unpacked. */
  #isIgnored(followed: FollowedPath, { mtimeNs }: FileStat, format: ArchiveFormat | undefined): boolean {
    const { decompression, log } = this.#options;
    if (format === undefined || format === decompression) return false;
    const reason = `a ${format} archive, which is read only with \`decompression\``;
    if (followed.ignored?.reason !== reason) log.info("a file is left alone", { path: followed.name.path, reason });
    followed.ignored = { reason, mtimeNs };
    return true;
  }

  /** The known file that this one is a rotated copy of, packed or not. */
  async #copiedFrom(followed: FollowedPath, format: ArchiveFormat | undefined): Promise<LogFile | undefined> {
    const { known, locator } = this.#options;
    const { path, stream } = followed.name;
    for (const name of namesBeforeRotation(basename(path))) {
      for (const file of known.filesOf({ path: join(dirname(path), name), stream })) {
        if (hasContent(file.identity) && (await locator.has(path, file.identity, format))) return file;
      }
    }
    return undefined;
  }

  #isStillShared(shared: Shared | undefined, { id, size }: FileStat): boolean {
    if (shared?.id !== id || shared.owner.state !== shared.state) return false;
    const { making } = shared;
    return making === undefined || (making.size === size && this.#options.clock.monotonic() < making.until);
  }

  /**
   * A rotated name whose content begins like a known file's and does not reach as far as that was read: most likely it
   * is being copied or packed just now. Believed for a few seconds after it last grew, because another file may begin so.
   */
  #copyInTheMaking(
    { name }: FollowedPath,
    { id, size }: FileStat,
    prefix: Buffer,
    format: ArchiveFormat | undefined,
    before: Shared | undefined,
  ): Shared | undefined {
    if (before?.id === id && before.making?.size === size) return undefined;
    const { known, clock } = this.#options;
    const bases = namesBeforeRotation(basename(name.path)).map((base) => join(dirname(name.path), base));
    const files = bases.flatMap((path) => known.filesOf({ path, stream: name.stream }));
    const owner = files.find((file) => {
      if (file.offset === 0 || (format === undefined && size >= file.offset)) return false;
      const { length } = file.prefix;
      return prefix.length < length || sameHash(hashed(prefix.subarray(0, length)), file.prefix);
    });
    if (owner === undefined) return undefined;
    return { owner, state: owner.state, id, making: { size, until: clock.monotonic() + makingMs } };
  }

  /** Where to begin: as far as the file was read under another name or by another agent, or as the user says. */
  async #knownMark(
    { name, isFromStart }: FollowedPath,
    stat: FileStat,
    owner: LogFile | undefined,
    format: ArchiveFormat | undefined,
  ): Promise<Mark> {
    const { known, locator, legacy, fromEnd } = this.#options;
    if (owner !== undefined && (await locator.has(name.path, owner.identity, format))) return owner.mark;
    const formerPaths = namesBeforeRotation(basename(name.path)).map((former) => join(dirname(name.path), former));
    const saved = known.unclaimedOf(name.stream, stat.id, formerPaths);
    if (saved !== undefined && (await locator.has(name.path, saved))) {
      known.remove(saved);
      return { offset: saved.offset, tail: saved.tail };
    }
    const offset = legacy.get(name.path) ?? (fromEnd && isFromStart ? stat.size : 0);
    return offset > 0 && offset <= stat.size
      ? locator.reading(name.path, (content) => markIn(content, offset))
      : beginning;
  }

  async #begin(
    followed: FollowedPath,
    stat: FileStat,
    { mark, format, prefix }: { mark: Mark; format: ArchiveFormat | undefined; prefix: Hashed },
  ): Promise<void> {
    const { files } = this.#options;
    const { name } = followed;
    const realPath = await files.realPath(name.path);
    const owner = await this.#ownerOf(name.stream, { path: name.path, stat });
    // Another path was faster.
    if (owner !== undefined && owner.state !== "done") {
      followed.shared = { owner, state: owner.state, id: stat.id };
      return;
    }
    const file = new LogFile({ followed, id: stat.id, path: name.path, format, mark, prefix });
    file.realPath = realPath;
    this.#add(followed, file, stat);
  }

  #add(followed: FollowedPath, file: LogFile, stat: FileStat): void {
    const { known, onReadable } = this.#options;
    file.isFlushed = file.format !== undefined;
    note(file, stat);
    file.confirm();
    known.own(file);
    followed.add(file);
    followed.ignored = undefined;
    onReadable(file);
  }

  /** Whether the path still has the file. Its device may have another number since. */
  async #resume(followed: FollowedPath, saved: SavedPosition, stat: FileStat | undefined): Promise<boolean> {
    const { locator, files } = this.#options;
    const { name } = followed;
    if (!stat?.isFile || inodeOf(stat.id) !== inodeOf(saved.id)) return false;
    const format = locator.formatOf(await locator.reading(name.path, readPrefix));
    if (!(await locator.has(name.path, saved, format))) return false;
    const { prefix, offset, tail } = saved;
    const file = new LogFile({ followed, id: stat.id, path: name.path, format, prefix, mark: { offset, tail } });
    file.realPath = await files.realPath(name.path);
    this.#add(followed, file, stat);
    return true;
  }

  async #restoreRotated(followed: FollowedPath, saved: SavedPosition, scan: FolderScan): Promise<void> {
    const { locator } = this.#options;
    const wanted = { identity: saved, path: saved.path, realPath: saved.realPath };
    const found = await locator.find(wanted, scan, this.isOwned(followed.name.stream));
    if (found === undefined) {
      this.#countLost(saved.path, saved.realPath, saved.size - saved.offset);
      return;
    }
    await this.#rotatedAt(followed, found, saved);
    followed.lastWrite = found.stat.mtimeNs;
  }

  async #rotatedAt(
    followed: FollowedPath,
    { path, stat, format }: Located,
    { prefix, offset, tail }: Pick<SavedPosition, "prefix" | "offset" | "tail">,
  ): Promise<void> {
    const { locator, clock } = this.#options;
    const begin = prefix.length > 0 ? prefix : hashed(await locator.reading(path, readPrefix, format));
    const owner = await this.#ownerOf(followed.name.stream, { path, stat });
    // Another path was faster.
    if (owner !== undefined && owner.state !== "done") return;
    const file = new LogFile({ followed, id: stat.id, path, format, prefix: begin, mark: { offset, tail } });
    file.state = "rotated";
    file.quietSince = clock.monotonic();
    this.#add(followed, file, stat);
  }

  /** Known under whatever name it turns up, and nothing to read. */
  #remember(followed: FollowedPath, { id, realPath: path, prefix, offset, tail }: SavedPosition): void {
    const file = new LogFile({ followed, id, path, prefix, mark: { offset, tail } });
    if (this.#options.known.owner(followed.name.stream, id) !== undefined) return;
    this.#options.known.own(file);
    this.#options.known.finish(file, this.#options.clock.monotonic());
  }
}
