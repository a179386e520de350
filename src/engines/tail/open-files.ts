import { Archive } from "./archive.ts";
import type { Readable } from "./file-identity.ts";
import type { LogFile } from "./log-file.ts";
import type { FileStat, TailFile, TailFiles } from "./tail-files.ts";

/** An open file: its content, and what the system says of it. */
interface Opened {
  readonly file: TailFile;
  readonly content: Readable & { close(): Promise<void> };
  uses: number;
}

/** The name leads to another file by now, or to none. */
export class MovedError extends Error {}

/**
 * The descriptors of followed files, no more than a number of them: the one not used for longest is closed first. One
 * without a name stays open whatever the number, because it cannot be opened again.
 */
export class OpenFiles {
  readonly #files: TailFiles;
  readonly #limit: number;
  /** The last used is the last. */
  readonly #opened = new Map<LogFile, Opened>();

  constructor(files: TailFiles, limit: number) {
    this.#files = files;
    this.#limit = limit;
  }

  get count(): number {
    return this.#opened.size;
  }

  isOpen(file: LogFile): boolean {
    return this.#opened.has(file);
  }

  /** Runs the task with the content, opened where it is not. Rejects with MovedError where its path is another file's. */
  async use<T>(file: LogFile, task: (content: Opened["content"]) => Promise<T>): Promise<T> {
    return this.#with(file, ({ content }) => task(content));
  }

  /** Of the file that is open, whatever its path leads to now. */
  async stat(file: LogFile): Promise<FileStat> {
    return this.#with(file, (opened) => opened.file.stat());
  }

  async close(file: LogFile): Promise<void> {
    const opened = this.#opened.get(file);
    if (opened === undefined) return;
    this.#opened.delete(file);
    // Whoever uses it closes it.
    if (opened.uses === 0) await opened.content.close();
  }

  async closeAll(): Promise<void> {
    for (const file of [...this.#opened.keys()]) await this.close(file);
  }

  async #with<T>(file: LogFile, task: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = this.#opened.get(file) ?? (await this.#open(file));
    this.#touch(file, opened);
    opened.uses++;
    await this.#closeBeyondLimit();
    try {
      return await task(opened);
    } finally {
      opened.uses--;
      if (opened.uses === 0 && this.#opened.get(file) !== opened) await opened.content.close();
    }
  }

  async #open(logFile: LogFile): Promise<Opened> {
    const { path, format } = logFile;
    const file = await this.#openPath(path);
    const { id } = await file.stat();
    // Opened in the meantime by somebody else.
    const other = this.#opened.get(logFile);
    if (id !== logFile.id || other !== undefined) {
      await file.close();
      if (other !== undefined) return other;
      throw new MovedError(`${path} is another file now`);
    }
    const content = format === undefined ? file : new Archive(file, format);
    const opened = { file, content, uses: 0 };
    this.#touch(logFile, opened);
    return opened;
  }

  async #openPath(path: string): Promise<TailFile> {
    try {
      return await this.#files.open(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") throw new MovedError(`${path} is gone`, { cause: error });
      throw error;
    }
  }

  #touch(file: LogFile, opened: Opened): void {
    this.#opened.delete(file);
    this.#opened.set(file, opened);
  }

  async #closeBeyondLimit(): Promise<void> {
    for (const [file, { uses }] of this.#opened) {
      if (this.#opened.size <= this.#limit) return;
      if (uses === 0 && !file.isDeleted) await this.close(file);
    }
  }
}
