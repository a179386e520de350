import { type FSWatcher, watch } from "node:fs";

/**
 * Says that something happened in a folder. Only a hint: inotify runs out of watches, is blind to network file systems,
 * and stays with a folder that was moved away. Whoever listens polls as well.
 */
export class DirectoryWatch {
  readonly #directories: readonly string[];
  readonly #onHint: () => void;
  #watchers: FSWatcher[] = [];

  constructor(directories: readonly string[], onHint: () => void) {
    this.#directories = directories;
    this.#onHint = onHint;
  }

  /** Watches the folders that there are now. */
  renew(): void {
    this.close();
    for (const directory of this.#directories) this.#open(directory);
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #open(directory: string): void {
    try {
      const watcher = watch(directory, this.#onHint);
      // A watcher that fails is closed by Node; the next renewal tries again.
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // The folder does not exist, or no watches are left: polling finds what there is to find.
    }
  }
}
