import type { Clock } from "../../lib/clock.ts";
import type { FileSystemStats } from "./collector.ts";
import { errnoText } from "./errno-text.ts";

/** What statfs(2) said of a mount, or what goes into the label device_error. */
export type MountAnswer = { readonly stats: FileSystemStats } | { readonly error: string };

export const mountTimeout = "mountpoint timeout";

/** `mayHang`: the mount's server may be gone. */
type MountStatFs = (path: Buffer, mayHang: boolean) => Promise<FileSystemStats>;

const timedOut: MountAnswer = { error: mountTimeout };

/**
 * Asks mounts for their numbers without ever waiting longer than a deadline.
 *
 *     ask ──► statfs ──► answered in time            the answer
 *                  └───► deadline: stuck             "mountpoint timeout"
 *     ask, while stuck: "mountpoint timeout" at once; the kernel is not asked again until the first call returns
 *
 * A call to a dead NFS server can hang for hours: one per mount is the most that may be pending.
 */
export class MountStats {
  readonly #statfs: MountStatFs;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #calls = new Map<string, Promise<MountAnswer>>();
  readonly #stuck = new Set<string>();

  constructor(statfs: MountStatFs, clock: Clock, timeoutMs: number) {
    this.#statfs = statfs;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** The path is a byte string. */
  ask(path: string, mayHang = false): Promise<MountAnswer> {
    if (this.#stuck.has(path)) return Promise.resolve(timedOut);
    const call = this.#calls.get(path) ?? this.#call(path, mayHang);
    return new Promise((resolve) => {
      const cancel = this.#clock.after(this.#timeoutMs, () => {
        this.#stuck.add(path);
        resolve(timedOut);
      });
      void call.then((answer) => {
        cancel();
        resolve(answer);
      });
    });
  }

  /** Never rejects. */
  #call(path: string, mayHang: boolean): Promise<MountAnswer> {
    const call = this.#statfs(Buffer.from(path, "latin1"), mayHang)
      .then(
        (stats): MountAnswer => ({ stats }),
        (error: unknown): MountAnswer => ({ error: errnoText(error) }),
      )
      .finally(() => {
        this.#calls.delete(path);
        this.#stuck.delete(path);
      });
    this.#calls.set(path, call);
    return call;
  }
}
