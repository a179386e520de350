import { basename, join } from "node:path";
import { type Disk, errnoOf } from "../../lib/disk.ts";
import type { DiskQueue } from "./disk-queue.ts";
import { cursorPath } from "./folder.ts";
import type { Backlog, QueuedBlock, QueueReader } from "./queue.ts";

/** A folder in which endpoints have stood that read elsewhere now. */
export interface FormerFolder {
  readonly folder: string;
  readonly endpoints: readonly string[];
}

/**
 * Where these endpoints have left a cursor: the config may have changed since, so that they have got rules of their own,
 * or another number of shards. `isCurrent` says where an endpoint reads anyway.
 */
export async function findFormerFolders(
  disk: Disk,
  root: string,
  endpoints: readonly string[],
  isCurrent: (folder: string, endpoint: string) => boolean,
): Promise<FormerFolder[]> {
  const found: FormerFolder[] = [];
  const look = async (folder: string, mayNest: RegExp | undefined) => {
    const names = await list(disk, folder);
    const here = endpoints.filter((name) => {
      return names.includes(basename(cursorPath(folder, name))) && !isCurrent(folder, name);
    });
    if (here.length > 0) found.push({ folder, endpoints: here });
    if (mayNest === undefined) return;
    for (const name of names.filter((each) => mayNest.test(each)).sort()) {
      await look(join(folder, name), name.startsWith("endpoint.") ? shardName : undefined);
    }
  };
  await look(root, /^(endpoint\.|shard-[0-9]+-of-[0-9]+$)/);
  return found;
}

const shardName = /^shard-[0-9]+-of-[0-9]+$/;

/** Empty where there is no such folder. */
async function list(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return await disk.list(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** What an endpoint has not taken yet from a queue that it reads no longer. */
export class FormerReader {
  readonly queue: DiskQueue;
  readonly endpoint: string;
  readonly #reader: QueueReader;
  readonly #onDone: () => void;
  #isDone = false;

  /** To be made before the queue is started. `onDone` is called once, when there is nothing left for good. */
  constructor(queue: DiskQueue, endpoint: string, onDone: () => void) {
    this.queue = queue;
    this.endpoint = endpoint;
    this.#reader = queue.reader(endpoint);
    this.#onDone = onDone;
  }

  backlog(): Backlog {
    return this.#isDone ? nothing : this.#reader.backlog();
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** The next block, if there is one at hand. What this process has appended is for others. */
  async take(): Promise<QueuedBlock | undefined> {
    const { firstOwn } = this.queue;
    if (firstOwn === undefined || !this.queue.isOpen) return undefined;
    const block = await this.#reader.peek(atOnce);
    if (block !== undefined && block.sequence < firstOwn) return block;
    this.#isDone = block !== undefined || this.#reader.backlog().blocks === 0;
    if (this.#isDone) this.#onDone();
    return undefined;
  }

  ack(sequence: number): void {
    this.#reader.ack(sequence);
  }
}

const nothing: Backlog = { blocks: 0, bytes: 0, records: 0, oldestMs: 0 };

const atOnce = AbortSignal.abort();
