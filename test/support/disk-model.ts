import { dirname } from "node:path";
import type { Disk, DiskFile } from "../../src/lib/disk.ts";

/** A write or a truncation. */
type Change = { state: ChangeState } & (
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number }
);

/**
 * A sync that fails leaves what it was for "forgotten": the kernel counts the pages as clean, so that no later sync makes
 * them durable, and every process still sees them (fsync(2), Linux since 4.13).
 */
type ChangeState = "dirty" | "durable" | "forgotten";

interface Inode {
  /** As every process sees it. */
  bytes: Buffer;
  /** What was durable before all the changes. */
  durable: Buffer;
  changes: Change[];
}

export interface ModelFile extends DiskFile {
  /** The sync fails, and what it should have made durable never will be. */
  failSync(): void;
}

/** A change of names: `inode` is undefined where the name goes. */
interface NameChange {
  readonly path: string;
  readonly inode: Inode | undefined;
}

/** Decides what a power cut leaves of what was not synced; in [0, 1). */
export type Fate = () => number;

const sector = 512;

/**
 * A disk in memory, of which the power can be cut. What was not synced survives in any mixture: some writes and not
 * others, some sectors of a write and not others, names that were made or not.
 */
export class ModelDisk implements Disk {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #unsyncedNames: NameChange[] = [];
  readonly #folders = new Set<string>();
  /** Called before each call that changes something: a crash may come there. */
  onChange: () => void = () => {};

  open(path: string, mode: "create" | "read" | "update"): Promise<ModelFile> {
    const existing = this.#names.get(path);
    if (mode === "create" && existing !== undefined) return Promise.reject(failure("EEXIST"));
    if (mode !== "create" && existing === undefined) return Promise.reject(failure("ENOENT"));
    if (existing !== undefined) return Promise.resolve(this.#file(existing));
    this.onChange();
    const inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0), changes: [] };
    this.#rename(path, inode);
    return Promise.resolve(this.#file(inode));
  }

  list(folder: string): Promise<readonly string[]> {
    const paths = [...this.#names.keys()].filter((path) => dirname(path) === folder);
    return Promise.resolve(paths.map((path) => path.slice(folder.length + 1)));
  }

  makeFolder(path: string): Promise<void> {
    this.#folders.add(path);
    return Promise.resolve();
  }

  syncFolder(folder: string): Promise<void> {
    this.onChange();
    this.#unsyncedNames = this.#unsyncedNames.filter((change) => {
      if (dirname(change.path) !== folder) return true;
      applyName(this.#durableNames, change);
      return false;
    });
    return Promise.resolve();
  }

  rename(from: string, to: string): Promise<void> {
    const inode = this.#names.get(from);
    if (inode === undefined) return Promise.reject(failure("ENOENT"));
    this.onChange();
    this.#rename(to, inode);
    this.#rename(from, undefined);
    return Promise.resolve();
  }

  unlink(path: string): Promise<void> {
    if (!this.#names.has(path)) return Promise.reject(failure("ENOENT"));
    this.onChange();
    this.#rename(path, undefined);
    return Promise.resolve();
  }

  space = () => Promise.resolve({ free: 2 ** 40, total: 2 ** 40 });

  lock = () => Promise.resolve(() => Promise.resolve());

  /** The same disk after its process was killed: nothing is lost, and what happens to it does not happen to this one. */
  afterKill(): ModelDisk {
    return copyOf(this.#names, ({ bytes }) => Buffer.from(bytes));
  }

  /** The same disk after the power was cut. */
  afterPowerCut(fate: Fate): ModelDisk {
    const names = new Map(this.#durableNames);
    // A file system with a journal loses names from the end on.
    const kept = Math.floor(fate() * (this.#unsyncedNames.length + 1));
    for (const change of this.#unsyncedNames.slice(0, kept)) applyName(names, change);
    return copyOf(names, (inode) => mixtureOf(inode, fate));
  }

  #rename(path: string, inode: Inode | undefined): void {
    const change = { path, inode };
    applyName(this.#names, change);
    this.#unsyncedNames.push(change);
  }

  #file(inode: Inode): ModelFile {
    const change = (each: Change) => {
      this.onChange();
      inode.bytes = applied(inode.bytes, each);
      inode.changes.push(each);
    };
    const settle = (state: ChangeState) => {
      for (const each of inode.changes) if (each.state === "dirty") each.state = state;
    };
    return {
      write: async (pieces, at) => {
        const bytes = Buffer.concat(pieces);
        change({ state: "dirty", kind: "write", at, bytes });
        return bytes.length;
      },
      read: async (into, at) => inode.bytes.copy(into, 0, at, at + into.length),
      truncate: async (size) => change({ state: "dirty", kind: "truncate", size }),
      sync: async () => {
        this.onChange();
        settle("durable");
        if (inode.changes.some(({ state }) => state === "forgotten")) return;
        inode.durable = Buffer.from(inode.bytes);
        inode.changes = [];
      },
      failSync: () => settle("forgotten"),
      stat: async () => ({ size: inode.bytes.length, isLinked: [...this.#names.values()].includes(inode) }),
      close: () => Promise.resolve(),
    };
  }

  static of(files: ReadonlyMap<string, Buffer>): ModelDisk {
    const disk = new ModelDisk();
    for (const [path, bytes] of files) {
      const inode = { bytes, durable: Buffer.from(bytes), changes: [] };
      disk.#names.set(path, inode);
      disk.#durableNames.set(path, inode);
    }
    return disk;
  }

  files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, { bytes }]) => [path, Buffer.from(bytes)]));
  }
}

function copyOf(names: ReadonlyMap<string, Inode>, contentOf: (inode: Inode) => Buffer): ModelDisk {
  return ModelDisk.of(new Map([...names].map(([path, inode]) => [path, contentOf(inode)])));
}

function mixtureOf({ durable, changes }: Inode, fate: Fate): Buffer {
  let bytes: Buffer = Buffer.from(durable);
  for (const change of changes) {
    const chance = change.state === "durable" ? 0 : fate();
    if (chance < 0.4) bytes = applied(bytes, change);
    else if (chance < 0.7 && change.kind === "write") bytes = torn(bytes, change.bytes, change.at, fate);
  }
  return bytes;
}

/** Some of the sectors that a write touches. */
function torn(bytes: Buffer, written: Uint8Array, at: number, fate: Fate): Buffer {
  let result = bytes;
  for (let from = at; from < at + written.length; ) {
    const to = Math.min(at + written.length, (Math.floor(from / sector) + 1) * sector);
    if (fate() < 0.5)
      result = applied(result, {
        state: "dirty",
        kind: "write",
        at: from,
        bytes: written.subarray(from - at, to - at),
      });
    from = to;
  }
  return result;
}

/** Where a write leaves a hole there are zeros. */
function applied(bytes: Buffer, change: Change): Buffer {
  if (change.kind === "truncate") return Buffer.concat([bytes], change.size);
  const result = Buffer.concat([bytes], Math.max(bytes.length, change.at + change.bytes.length));
  result.set(change.bytes, change.at);
  return result;
}

function applyName(names: Map<string, Inode>, { path, inode }: NameChange): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
