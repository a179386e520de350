import { type FileIdentity, inodeOf } from "./file-identity.ts";
import type { LogFile, StreamName } from "./log-file.ts";
import type { SavedPosition } from "./positions.ts";

/** How long a position waits for its path, should a target or a mount come back. */
const unclaimedMs = 24 * 3_600_000;

/**
 * Who owns which file, in each stream: a file is read once, whatever names it has. And the positions of the last start
 * that no path has claimed yet.
 */
export class KnownFiles {
  readonly #byId = new Map<string, LogFile>();
  readonly #byPath = new Map<string, Set<LogFile>>();
  /** The oldest first. */
  readonly #done = new Map<LogFile, number>();
  readonly #unclaimed = new Map<string, { readonly positions: SavedPosition[]; readonly since: number }>();

  readonly #rememberMs: number;

  /** A file that is read to its end is remembered for so long. */
  constructor(saved: readonly SavedPosition[], now: number, rememberMs: number) {
    this.#rememberMs = rememberMs;
    for (const position of saved) this.#keep(position, now);
  }

  /** Those that are read, and those that were lately. */
  get all(): readonly LogFile[] {
    return [...this.#byPath.values()].flatMap((files) => [...files]);
  }

  /** Whose paths are not followed, at least not yet. */
  unclaimed(now: number): readonly SavedPosition[] {
    for (const [path, { since }] of this.#unclaimed) if (now - since > unclaimedMs) this.#unclaimed.delete(path);
    return [...this.#unclaimed.values()].flatMap(({ positions }) => positions);
  }

  /** Whether a position of the last start waits for the path. */
  has(path: string): boolean {
    return this.#unclaimed.has(path);
  }

  own(file: LogFile): void {
    this.#byId.set(`${file.name.stream}\0${file.id}`, file);
    const key = keyOf(file.name);
    this.#byPath.set(key, (this.#byPath.get(key) ?? new Set()).add(file));
  }

  owner(stream: string, id: string): LogFile | undefined {
    return this.#byId.get(`${stream}\0${id}`);
  }

  /** The file gets another inode: what its bytes were copied to. */
  move(file: LogFile, id: string): void {
    this.release(file);
    file.id = id;
    this.own(file);
  }

  release(file: LogFile): void {
    if (this.owner(file.name.stream, file.id) === file) this.#byId.delete(`${file.name.stream}\0${file.id}`);
    const key = keyOf(file.name);
    const ofPath = this.#byPath.get(key);
    ofPath?.delete(file);
    if (ofPath?.size === 0) this.#byPath.delete(key);
    this.#done.delete(file);
  }

  /** Read to its end; forgotten after a while. */
  finish(file: LogFile, now: number): void {
    file.state = "done";
    this.#done.set(file, now);
    for (const [old, since] of this.#done) {
      if (now - since <= this.#rememberMs) break;
      this.release(old);
    }
  }

  /** Nobody wants the file any more: its position waits, should the path come back. */
  abandon(file: LogFile, now: number): void {
    this.release(file);
    this.#keep(file.saved(now, true), now);
  }

  /** The positions of a path, the oldest first. Those of other labels are lent where these labels have none. */
  claim({ path, stream }: StreamName): readonly SavedPosition[] {
    const ofPath = this.#unclaimed.get(path)?.positions ?? [];
    const exact = ofPath.filter((saved) => saved.stream === stream);
    for (const position of exact) this.remove(position);
    return exact.length > 0 ? exact : [...ofPath];
  }

  /** The position of a file that had another path. */
  unclaimedOf(stream: string, id: string, paths: readonly string[]): SavedPosition | undefined {
    const positions = paths.flatMap((path) => this.#unclaimed.get(path)?.positions ?? []);
    return positions.find((saved) => saved.stream === stream && inodeOf(saved.id) === inodeOf(id));
  }

  remove(position: SavedPosition): void {
    const positions = this.#unclaimed.get(position.path)?.positions;
    positions?.splice(positions.indexOf(position), 1);
    if (positions?.length === 0) this.#unclaimed.delete(position.path);
  }

  /** The files that had a path and are read, or were lately. */
  filesOf(name: StreamName): readonly LogFile[] {
    return [...(this.#byPath.get(keyOf(name)) ?? [])];
  }

  /** What is known of the contents that had a path. */
  contentsOf(name: StreamName): readonly FileIdentity[] {
    const saved = this.#unclaimed.get(name.path)?.positions ?? [];
    return [...this.filesOf(name).map(({ identity }) => identity), ...saved];
  }

  #keep(position: SavedPosition, since: number): void {
    const positions = this.#unclaimed.get(position.path)?.positions ?? [];
    this.#unclaimed.set(position.path, { positions: [...positions, position], since });
  }
}

function keyOf({ path, stream }: StreamName): string {
  return `${stream}\0${path}`;
}
