import type { Clock } from "../../lib/clock.ts";
import { HungError, type TailFile, type TailFiles } from "./tail-files.ts";

export interface NetworkFilesOptions {
  readonly files: TailFiles;
  readonly clock: Clock;
  /** Where the network file system is mounted that a path lies in; undefined for all others. */
  readonly mountOf: (path: string) => string | undefined;
}

/** A server that says nothing for so long is as good as gone until it answers. */
const patienceMs = 5_000;

/** Calls that may be under way, of all mounts. Each has a thread of libuv's pool, which has four, for as long as it hangs. */
const mostCalls = 2;

interface Mount {
  readonly root: string;
  isBusy: boolean;
  isHung: boolean;
  /** Files to be closed once it answers. */
  readonly left: TailFile[];
}

interface Waiting {
  readonly mount: Mount;
  readonly turn: PromiseWithResolvers<void>;
}

/**
 * Files, with network file systems kept from holding up everything else. Whatever has a local disk is passed on; of a mount
 * whose server may be gone one thing is asked at a time:
 *
 *     stat  open  read  …   ─►  one call  ─►  answers: the next one
 *                                  └──────►  5 s: it, and all that wait or come, reject with a HungError, until it answers
 *
 * A call cannot be taken back: it stays, with its thread.
 */
export class NetworkFiles implements TailFiles {
  readonly #options: NetworkFilesOptions;
  readonly #mounts = new Map<string, Mount>();
  #waiting: Waiting[] = [];
  #calls = 0;
  #hung = 0;

  constructor(options: NetworkFilesOptions) {
    this.#options = options;
  }

  stat(path: string) {
    return this.#call(this.#mountOf(path), () => this.#options.files.stat(path));
  }

  realPath(path: string) {
    return this.#call(this.#mountOf(path), () => this.#options.files.realPath(path));
  }

  list(folder: string) {
    return this.#call(this.#mountOf(folder), () => this.#options.files.list(folder));
  }

  async open(path: string): Promise<TailFile> {
    const mount = this.#mountOf(path);
    const file = await this.#call(
      mount,
      () => this.#options.files.open(path),
      (late) => mount?.left.push(late),
    );
    if (mount === undefined) return file;
    return {
      stat: () => this.#call(mount, () => file.stat()),
      read: (into, position) => this.#call(mount, () => file.read(into, position)),
      close: () => this.#close(mount, file),
    };
  }

  /** The kernel tells nothing of what others write to a network file system, and to ask it to may hang the whole process. */
  watch(folder: string, onHint: (name: string | null) => void): () => void {
    return this.#mountOf(folder) === undefined ? this.#options.files.watch(folder, onHint) : () => {};
  }

  #mountOf(path: string): Mount | undefined {
    const root = this.#options.mountOf(path);
    if (root === undefined) return undefined;
    const known = this.#mounts.get(root) ?? { root, isBusy: false, isHung: false, left: [] };
    this.#mounts.set(root, known);
    return known;
  }

  async #call<T>(mount: Mount | undefined, task: () => Promise<T>, onLate?: (value: T) => void): Promise<T> {
    if (mount === undefined) return task();
    await this.#enter(mount);
    const late = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(patienceMs, () => {
      this.#hang(mount);
      late.reject(hungError(mount));
    });
    const call = task();
    const leave = () => {
      cancel();
      this.#leave(mount);
    };
    call.then((value) => {
      if (mount.isHung) onLate?.(value);
      leave();
    }, leave);
    return Promise.race([call, late.promise]);
  }

  /** Resolves when it is the caller's turn. */
  #enter(mount: Mount): Promise<void> {
    if (mount.isHung || this.#hung === mostCalls) return Promise.reject(hungError(mount));
    const turn = Promise.withResolvers<void>();
    this.#waiting.push({ mount, turn });
    this.#pump();
    return turn.promise;
  }

  #pump(): void {
    for (const waiting of [...this.#waiting]) {
      const { mount, turn } = waiting;
      if (this.#calls === mostCalls) return;
      if (mount.isBusy) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      mount.isBusy = true;
      this.#calls++;
      turn.resolve();
    }
  }

  #hang(mount: Mount): void {
    mount.isHung = true;
    this.#hung++;
    const isHopeless = (other: Mount) => other === mount || this.#hung === mostCalls;
    const hopeless = this.#waiting.filter((waiting) => isHopeless(waiting.mount));
    this.#waiting = this.#waiting.filter((waiting) => !isHopeless(waiting.mount));
    for (const { mount: other, turn } of hopeless) turn.reject(hungError(other));
  }

  #leave(mount: Mount): void {
    if (mount.isHung) this.#hung--;
    mount.isHung = false;
    mount.isBusy = false;
    this.#calls--;
    for (const file of mount.left.splice(0)) void this.#close(mount, file).catch(() => {});
    this.#pump();
  }

  /** Never rejects because the server is gone: it is done once it is back. */
  async #close(mount: Mount, file: TailFile): Promise<void> {
    let hasBegun = false;
    try {
      await this.#call(mount, () => {
        hasBegun = true;
        return file.close();
      });
    } catch (error) {
      if (!(error instanceof HungError)) throw error;
      if (!hasBegun) mount.left.push(file);
    }
  }
}

function hungError({ root }: Mount): HungError {
  return new HungError(`the file system at ${root} does not answer`);
}
