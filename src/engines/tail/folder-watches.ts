import { join } from "node:path";
import type { TailFiles } from "./tail-files.ts";

/** inotify has a limit per user, and each watch costs the kernel a kilobyte. */
const maxFolders = 1_024;

/** A busy folder tells of every write. What is not heard is found by polling. */
const maxHints = 64;

/**
 * Hints that something happened to a file or in a folder: polling is the truth. A folder that says too much within one
 * round is not listened to until the next.
 */
export class FolderWatches {
  readonly #files: TailFiles;
  readonly #watched = new Map<string, { close: (() => void) | undefined; hints: number }>();
  readonly #paths = new Set<string>();

  constructor(files: TailFiles) {
    this.#files = files;
  }

  /** Watches these folders from now on; those that it watched already anew, because others may have their names. */
  renew(folders: Iterable<string>): void {
    this.close();
    for (const folder of folders) {
      if (this.#watched.size === maxFolders) return;
      this.#watched.set(folder, { close: undefined, hints: 0 });
    }
    this.take();
  }

  /** The paths that something happened to since the last call. */
  take(): readonly string[] {
    const paths = [...this.#paths];
    this.#paths.clear();
    for (const [folder, watch] of this.#watched) {
      watch.hints = 0;
      watch.close ??= this.#files.watch(folder, (name) => this.#hint(folder, name));
    }
    return paths;
  }

  close(): void {
    for (const watch of this.#watched.values()) watch.close?.();
    this.#watched.clear();
  }

  #hint(folder: string, name: string | null): void {
    if (name !== null) this.#paths.add(join(folder, name));
    const watch = this.#watched.get(folder);
    if (watch === undefined || ++watch.hints < maxHints) return;
    watch.close?.();
    watch.close = undefined;
  }
}
