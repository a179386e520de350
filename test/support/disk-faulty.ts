import type { Disk, DiskFile } from "../../src/lib/disk.ts";
import type { ModelDisk } from "./disk-model.ts";

export type DiskCall =
  | "open"
  | "create"
  | "write"
  | "read"
  | "truncate"
  | "sync"
  | "syncFolder"
  | "rename"
  | "unlink"
  | "lock";

/** What happens to a call instead: an errno name, now or later, `short` for half a write, `hang` for no end at all. */
export type Fault = string | Promise<string> | "short" | "hang";

/** A disk that fails where a test says so. */
export class FaultyDisk implements Disk {
  readonly #disk: ModelDisk;
  /** Asked for each call; undefined lets it through. */
  fault: (call: DiskCall, path: string) => Fault | undefined = () => undefined;

  constructor(disk: ModelDisk) {
    this.#disk = disk;
  }

  list = (folder: string) => this.#disk.list(folder);
  makeFolder = (path: string) => this.#disk.makeFolder(path);
  rename = (from: string, to: string) => this.#through("rename", to, () => this.#disk.rename(from, to));
  space = () => this.#disk.space();
  lock = (folder: string) => this.#through("lock", folder, () => this.#disk.lock());
  syncFolder = (path: string) => this.#through("syncFolder", path, () => this.#disk.syncFolder(path));
  unlink = (path: string) => this.#through("unlink", path, () => this.#disk.unlink(path));

  async open(path: string, mode: "create" | "read" | "update"): Promise<DiskFile> {
    const file = await this.#through(mode === "create" ? "create" : "open", path, () => this.#disk.open(path, mode));
    return {
      read: (into, at) => this.#through("read", path, () => file.read(into, at)),
      truncate: (size) => this.#through("truncate", path, () => file.truncate(size)),
      sync: () => this.#through("sync", path, () => file.sync(), file.failSync),
      stat: () => file.stat(),
      close: () => file.close(),
      write: async (pieces, at) => {
        const fault = this.fault("write", path);
        if (fault !== "short") return this.#failed(fault, path, () => file.write(pieces, at));
        const bytes = Buffer.concat(pieces);
        return file.write([bytes.subarray(0, Math.ceil(bytes.length / 2))], at);
      },
    };
  }

  #through<T>(call: DiskCall, path: string, run: () => Promise<T>, onFailure?: () => void): Promise<T> {
    return this.#failed(this.fault(call, path), path, run, onFailure);
  }

  #failed<T>(fault: Fault | undefined, path: string, run: () => Promise<T>, onFailure = () => {}): Promise<T> {
    if (fault === undefined) return run();
    if (fault === "hang") return new Promise(() => {});
    if (typeof fault !== "string") return fault.then((code) => this.#failed(code, path, run, onFailure));
    onFailure();
    return Promise.reject(Object.assign(new Error(`${fault}: '${path}'`), { code: fault }));
  }
}
