import type { Clock } from "../../lib/clock.ts";
import { errnoOf } from "../../lib/disk.ts";
import type { FolderWatches } from "./folder-watches.ts";
import type { FollowedPath } from "./followed-path.ts";
import type { Follower } from "./follower.ts";
import type { KnownFiles } from "./known-files.ts";
import type { LogFile } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import type { PathSet } from "./path-set.ts";
import type { ReadQueue } from "./read-queue.ts";
import { FolderScan } from "./relatives.ts";
import type { FileStat, TailFiles } from "./tail-files.ts";
import type { TailMeters } from "./tail-meters.ts";
import type { Troubles } from "./troubles.ts";

export interface RoundOptions {
  readonly files: TailFiles;
  readonly clock: Clock;
  readonly meters: TailMeters;
  readonly troubles: Troubles;
  readonly paths: PathSet;
  readonly watches: FolderWatches;
  readonly open: OpenFiles;
  readonly queue: ReadQueue;
  readonly known: KnownFiles;
  readonly follower: Follower;
  readonly minPollMs: number;
  readonly maxPollMs: number;
  readonly syncMs: number;
}

/** Those who have a rotated file open write to it for so long after they last did, one without a name less long. */
const quietMs = 60_000;
const deletedQuietMs = 30_000;

/** A hint of a new file is followed by a search, no more often than this. */
const hintedSyncMs = 1_000;

/** Looks at a time: the kernel answers from memory, a network file system does not. */
const looksAtOnce = 32;

/** One round of following: which paths there are, who has which file, and which of the rotated ones have ended. */
export class Rounds {
  readonly #options: RoundOptions;
  #syncedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  /** The next round searches. */
  forgetSync(): void {
    this.#syncedAt = Number.NEGATIVE_INFINITY;
  }

  async run(): Promise<void> {
    const { clock, paths, watches, meters } = this.#options;
    const now = clock.monotonic();
    const hinted = new Set(watches.take());
    if (this.#isSyncDue(now, hinted)) await this.#sync(now);
    const due: FollowedPath[] = [];
    for (const followed of paths.all) {
      if (now >= followed.lookAt || hinted.has(followed.name.path)) due.push(followed);
    }
    await this.#lookAt(due, hinted);
    const scan = new FolderScan(this.#options.files);
    let active = 0;
    for (const followed of paths.all) {
      if (followed.live !== undefined) active++;
      // Of thousands of files, few are rotated or in trouble: no promise is made for the others.
      if (followed.files.some(isToBeTended)) await this.#tend(followed, now, scan);
    }
    meters.active(active);
  }

  #isSyncDue(now: number, hinted: ReadonlySet<string>): boolean {
    const since = now - this.#syncedAt;
    if (since >= this.#options.syncMs) return true;
    return since >= hintedSyncMs && [...hinted].some((path) => this.#options.paths.isNew(path));
  }

  async #sync(now: number): Promise<void> {
    const { paths, watches, known } = this.#options;
    this.#syncedAt = now;
    watches.renew(await paths.sync(known.unclaimed(now)));
    for (const followed of [...paths.all]) {
      if (!paths.covers(followed.name)) await this.#unfollow(followed, now);
      else if (followed.isGone && followed.files.length === 0) this.#forget(followed);
    }
  }

  /** Nobody wants it any more: the position waits for a while, should somebody again. */
  async #unfollow(followed: FollowedPath, now: number): Promise<void> {
    const { known, queue, open } = this.#options;
    for (const file of [...followed.files]) {
      queue.remove(file);
      followed.drop(file);
      known.abandon(file, now);
      await open.close(file);
    }
    this.#forget(followed);
  }

  #forget(followed: FollowedPath): void {
    const { paths, troubles, meters } = this.#options;
    paths.delete(followed);
    troubles.end(followed.name.path);
    meters.forget(followed.name.path);
  }

  /** All are asked first: what the folders are then asked is never older than that. */
  async #lookAt(due: readonly FollowedPath[], hinted: ReadonlySet<string>): Promise<void> {
    const { files, known } = this.#options;
    const looked: { followed: FollowedPath; stat: FileStat | undefined }[] = [];
    await atOnce(due, looksAtOnce, async (followed) => {
      try {
        looked.push({ followed, stat: await files.stat(followed.name.path) });
      } catch (error) {
        this.#failed(followed, error);
      }
    });
    const scan = new FolderScan(files);
    const look = ({ followed, stat }: (typeof looked)[number]) => this.#look(followed, stat, scan, hinted);
    // What the last start knew first: others may be found to be rotated ones of them.
    const former = looked.filter(({ followed }) => !followed.isStarted && known.has(followed.name.path));
    const isFormer = new Set(former);
    const others = looked.filter((one) => !isFormer.has(one));
    await atOnce(former, looksAtOnce, look);
    await atOnce(others, looksAtOnce, look);
  }

  async #look(
    followed: FollowedPath,
    stat: FileStat | undefined,
    scan: FolderScan,
    hinted: ReadonlySet<string>,
  ): Promise<void> {
    const { clock, follower, meters, troubles, minPollMs, maxPollMs } = this.#options;
    const { path } = followed.name;
    followed.isGone = stat === undefined;
    try {
      const hasChanged = await follower.look(followed, stat, scan);
      if (hasChanged || hinted.has(path)) followed.pollMs = minPollMs;
      else followed.pollMs = Math.min(Math.max(2 * followed.pollMs, minPollMs), maxPollMs);
      followed.lookAt = clock.monotonic() + followed.pollMs;
      if (hasChanged && followed.live !== undefined) meters.fileBytes(path, followed.live.size);
      if ((followed.live?.failures ?? 0) === 0) troubles.end(path);
    } catch (error) {
      this.#failed(followed, error);
    }
  }

  #failed(followed: FollowedPath, error: unknown): void {
    const { clock, meters, troubles, minPollMs, maxPollMs } = this.#options;
    // Gone between two questions: the next look finds out.
    if (errnoOf(error) === "ENOENT") return;
    meters.failure();
    followed.pollMs = Math.min(Math.max(2 * followed.pollMs, minPollMs), maxPollMs);
    followed.lookAt = clock.monotonic() + followed.pollMs;
    troubles.fail(followed.name.path, `cannot follow ${followed.name.path}`, error);
  }

  async #tend(followed: FollowedPath, now: number, scan: FolderScan): Promise<void> {
    const { queue } = this.#options;
    for (const file of [...followed.files]) {
      if (file.failures > 0 && !file.isSuspect && now >= file.retryAt) queue.add(file);
      if (file.state === "rotated") await this.#tendRotated(followed, file, now, scan);
    }
  }

  async #tendRotated(followed: FollowedPath, file: LogFile, now: number, scan: FolderScan): Promise<void> {
    const { follower, queue, troubles } = this.#options;
    if (file.isReading) return;
    try {
      if (file.isSuspect) {
        if (now >= file.retryAt) await follower.relocate(followed, file, scan);
      } else if (await follower.lookAtRotated(file)) queue.add(file);
    } catch (error) {
      troubles.fail(file.realPath, `cannot follow ${file.realPath}`, error);
      return;
    }
    if (file.state !== "done" && file.isDrained && !file.isSuspect && file.failures === 0)
      await this.#endIfQuiet(followed, file, now);
  }

  async #endIfQuiet(followed: FollowedPath, file: LogFile, now: number): Promise<void> {
    const { known, open, queue } = this.#options;
    const isQuiet = now - file.quietSince >= (file.isDeleted ? deletedQuietMs : quietMs);
    const hasEnded = file.format !== undefined && !file.isIncomplete;
    if (!hasEnded && !isQuiet) return;
    if (file.format === undefined && file.offset < file.size && !file.isFlushed) {
      // Nobody will finish the line.
      file.isFlushed = true;
      file.isDrained = false;
      queue.add(file);
      return;
    }
    followed.drop(file);
    known.finish(file, now);
    await open.close(file);
  }
}

function isToBeTended({ state, failures }: LogFile): boolean {
  return state === "rotated" || failures > 0;
}

async function atOnce<T>(items: readonly T[], limit: number, task: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
