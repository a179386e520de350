import { dirname } from "node:path";
import { Archive, type ArchiveFormat, archiveFormatOf, isZlib } from "./archive.ts";
import {
  continues,
  type FileIdentity,
  type Hashed,
  hasContent,
  hashed,
  inodeOf,
  nothingHashed,
  type Readable,
  readFully,
  readPrefix,
} from "./file-identity.ts";
import { FolderScan, type Found } from "./relatives.ts";
import { HungError, type TailFiles } from "./tail-files.ts";

/** A file, and how to read it as the content that is looked for. */
export interface Located extends Found {
  readonly format: ArchiveFormat | undefined;
}

/** What is looked for, and where it was. */
export interface Wanted {
  readonly identity: FileIdentity;
  /** As the user calls it, and as it was called when it was last seen. */
  readonly path: string;
  readonly realPath: string;
}

/** Content that nobody knew of. */
export interface Successor extends Located {
  readonly prefix: Hashed;
}

/** Whether a file is somebody else's already. */
export type IsOwned = (found: Found) => Promise<boolean>;

export interface Knowledge {
  readonly isOwned: IsOwned;
  readonly contents: () => readonly FileIdentity[];
}

/** Rotation does not go on without a pause. */
const mostLooks = 20;

/** Finds content again that rotation has moved, copied or packed. */
export class Locator {
  readonly #files: TailFiles;

  readonly #configured: ArchiveFormat | undefined;

  /** `configured` is the format of archives that the user has; one that has no sign of its own is only known so. */
  constructor(files: TailFiles, configured: ArchiveFormat | undefined) {
    this.#files = files;
    this.#configured = configured;
  }

  /** Whether the file at `path` has this content, plain or unpacked. What cannot be read has not; what hangs, nobody knows. */
  async has(path: string, identity: FileIdentity, format?: ArchiveFormat): Promise<boolean> {
    try {
      return await this.reading(path, (content) => continues(content, identity), format);
    } catch (error) {
      if (error instanceof HungError) throw error;
      return false;
    }
  }

  /** By its inode under whatever name; else a copy of it, packed or not. `isOwned` files are somebody else's. */
  async find({ identity, path, realPath }: Wanted, scan: FolderScan, isOwned: IsOwned): Promise<Located | undefined> {
    const folders = [dirname(realPath), dirname(path)];
    const relatives = await notOwned(await scan.relatives(path, folders), isOwned);
    return (
      (await this.#sameInode(relatives, identity)) ??
      (hasContent(identity) ? await this.#sameInode(await scan.all(folders), identity) : undefined) ??
      (await this.#copy(relatives, identity))
    );
  }

  /**
   * What was rotated away after a content whose last write was at `since`: files that by their name are rotated ones of
   * `path`, written later, that are nobody's and no copy of what is known. The oldest first. Where files are renamed while they
   * are looked at, all of them are looked at again: one would be taken for another.
   */
  async successors(path: string, since: bigint, scan: FolderScan, knowledge: Knowledge): Promise<readonly Successor[]> {
    let current = scan;
    for (let looks = 1; ; looks++) {
      const relatives = await current.relatives(path);
      const successors = await this.#unknownOf(
        relatives.filter(({ stat }) => stat.mtimeNs >= since),
        knowledge,
      );
      const areStill = await Promise.all(relatives.map((found) => this.#isStill(found)));
      if (looks === mostLooks || !areStill.includes(false)) return successors;
      current = new FolderScan(this.#files);
    }
  }

  async #unknownOf(later: readonly Found[], { isOwned, contents }: Knowledge): Promise<readonly Successor[]> {
    const paths = new Set(later.map((found) => found.path));
    const known = contents();
    const successors: Successor[] = [];
    for (const found of await notOwned(later, isOwned)) {
      // Still being packed: the file itself is there.
      if (packed.test(found.path) && paths.has(found.path.replace(packed, ""))) continue;
      const format = await this.#formatAt(found.path);
      if (format === undefined && packed.test(found.path)) continue;
      const isCopy = await Promise.all(known.map((one) => hasContent(one) && this.has(found.path, one, format)));
      if (!isCopy.includes(true))
        successors.push({ ...found, format, prefix: await this.#prefixAt(found.path, format) });
    }
    return successors;
  }

  /** Whether the first bytes are those of an archive. */
  formatOf(first: Uint8Array): ArchiveFormat | undefined {
    return archiveFormatOf(first) ?? (this.#configured === "z" && isZlib(first) ? "z" : undefined);
  }

  async #formatAt(path: string): Promise<ArchiveFormat | undefined> {
    try {
      return this.formatOf(await this.reading(path, (content) => readFully(content, 4, 0)));
    } catch {
      return undefined;
    }
  }

  async #prefixAt(path: string, format: ArchiveFormat | undefined): Promise<Hashed> {
    try {
      return hashed(await this.reading(path, readPrefix, format));
    } catch (error) {
      if (error instanceof HungError) throw error;
      return nothingHashed;
    }
  }

  /** Not renamed since it was found. */
  async #isStill({ path, stat }: Found): Promise<boolean> {
    return (await this.#files.stat(path))?.id === stat.id;
  }

  /** An inode may belong to another file by now: its content has the last word. */
  async #sameInode(candidates: readonly Found[], identity: FileIdentity): Promise<Located | undefined> {
    for (const found of candidates) {
      if (inodeOf(found.stat.id) !== inodeOf(identity.id)) continue;
      if (await this.has(found.path, identity)) return { ...found, format: undefined };
      // Of an archive, the content is what it unpacks to.
      const format = await this.#formatAt(found.path);
      if (format !== undefined && (await this.has(found.path, identity, format))) return { ...found, format };
    }
    return undefined;
  }

  /** The last written one first: several may begin alike. */
  async #copy(candidates: readonly Found[], identity: FileIdentity): Promise<Located | undefined> {
    if (!hasContent(identity)) return undefined;
    for (const found of candidates.toReversed()) {
      const format = await this.#formatAt(found.path);
      if ((await this.has(found.path, identity, format)) && (await this.#isStill(found))) return { ...found, format };
    }
    return undefined;
  }

  /** Runs a task with the content of a file. Rejects where it cannot be read. */
  async reading<T>(path: string, task: (content: Readable) => Promise<T>, format?: ArchiveFormat): Promise<T> {
    const file = await this.#files.open(path);
    const content = format === undefined ? file : new Archive(file, format);
    try {
      return await task(content);
    } finally {
      await content.close();
    }
  }
}

const packed = /\.(gz|zst|bz2|xz|z|Z)$/;

async function notOwned(found: readonly Found[], isOwned: IsOwned): Promise<readonly Found[]> {
  const owned = await Promise.all(found.map(isOwned));
  return found.filter((_, at) => !owned[at]);
}
