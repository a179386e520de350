import { sleep } from "../../lib/clock.ts";
import { Adoption } from "./adoption.ts";
import { FileTurns } from "./file-turns.ts";
import { FolderWatches } from "./folder-watches.ts";
import { Follower } from "./follower.ts";
import { KnownFiles } from "./known-files.ts";
import { Locator } from "./locator.ts";
import type { LogFile } from "./log-file.ts";
import { OpenFiles } from "./open-files.ts";
import { PathSet, type TailTarget } from "./path-set.ts";
import { Positions } from "./positions.ts";
import { ReadQueue } from "./read-queue.ts";
import { Reader } from "./reader.ts";
import { Rounds } from "./rounds.ts";
import type { TailOptions } from "./tail-options.ts";
import { Timestamps } from "./timestamps.ts";
import { Troubles } from "./troubles.ts";

const snapshotMs = 10_000;

/** How long a stop waits for batches that are with the receiver. What is not acknowledged then comes again. */
const stopMs = 5_000;

/** How long a file that is read and rotated away is remembered, so that it is not read again under its new name. */
const rememberMs = 3_600_000;

/** Where archives are read, it is known again when it is packed, which some do a day or a week later. */
const rememberPackedMs = 8 * 24 * 3_600_000;

/** Files that `debug` shows. */
const maxShown = 1_000;

/**
 * Follows files and reads them, apart from each other:
 *
 *     following   every 250 ms: which paths are there, who has which file      ─► waits for the disk alone
 *     reading     a turn of a file: bytes ─► lines ─► receiver ─► position     ─► waits for the receiver
 *
 * Make one for each run.
 */
export class Tailer {
  readonly #options: TailOptions;
  readonly #troubles: Troubles;
  readonly #paths: PathSet;
  readonly #watches: FolderWatches;
  readonly #open: OpenFiles;
  readonly #queue: ReadQueue;
  readonly #positions: Positions;
  #rounds: Rounds | undefined;

  constructor(options: TailOptions) {
    const { files, clock, log, output, encoding, meters, setHealth, limits } = options;
    this.#options = options;
    this.#troubles = new Troubles(log, setHealth);
    this.#watches = new FolderWatches(files);
    this.#open = new OpenFiles(files, options.maxOpenFiles);
    this.#positions = new Positions({ ...options, folder: options.dataDir });
    this.#paths = new PathSet({
      files,
      ignoreOlderThanMs: options.ignoreOlderThanMs,
      now: () => clock.now(),
      onFailure: (folder, error) => this.#troubles.fail(folder, `cannot list ${folder}`, error),
      onListed: (folder) => this.#troubles.end(folder),
    });
    const reader = new Reader({
      ...{ open: this.#open, output, encoding, clock, meters, timestamps: new Timestamps() },
      share: () => this.#queue.share,
      ahead: () => this.#queue.ahead,
      hasRoom: () => this.#queue.hasRoom,
      isAwaited: () => this.#queue.isAwaited,
    });
    const shared = { open: this.#open, clock, meters, troubles: this.#troubles };
    const turns = new FileTurns({ ...shared, reader, queue: () => this.#queue });
    this.#queue = new ReadQueue(limits, (file, handOver) => turns.turn(file, handOver));
  }

  /** The whole set. Seen at the next round. */
  setTargets(targets: readonly TailTarget[]): void {
    this.#paths.setTargets(targets);
    this.#rounds?.forgetSync();
  }

  /** Works until `stop` aborts. Rejects where the positions cannot be read: to begin without them would repeat all. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, minPollMs } = this.#options;
    const known = await this.#load();
    const rounds = this.#roundsWith(known.files, known.adoption, known.locator);
    this.#rounds = rounds;
    let saving = Promise.resolve();
    let snapshotAt = clock.monotonic() + snapshotMs;
    while (!stop.aborted) {
      await rounds.run();
      if (clock.monotonic() >= snapshotAt) {
        snapshotAt = clock.monotonic() + snapshotMs;
        // A disk that takes long to sync holds up nobody.
        saving = saving.then(() => this.#save(known.files, false));
      }
      this.#troubles.report();
      await sleep(clock, minPollMs, stop);
    }
    this.#watches.close();
    const waited = new AbortController();
    await Promise.race([this.#queue.stop(), sleep(clock, stopMs, waited.signal)]);
    waited.abort();
    await saving;
    await this.#save(known.files, true);
    await this.#open.closeAll();
  }

  debug(): object {
    const files = [...this.#paths.all].slice(0, maxShown).map(({ name, live, files, ignored }) => {
      const problem = this.#troubles.reasonOf(name.path) ?? ignored?.reason;
      const rotated = files.filter((file) => file !== live);
      return {
        path: name.path,
        labels: name.stream,
        running: live !== undefined,
        offset: live?.offset ?? 0,
        size: live?.size ?? 0,
        ...(rotated.length > 0 && {
          rotated: rotated.map(({ realPath, offset, size }) => ({ path: realPath, offset, size })),
        }),
        ...(problem !== undefined && { problem }),
      };
    });
    return { paths: this.#paths.size, open_files: this.#open.count, files };
  }

  async #load() {
    const { clock, files, log, meters, decompression, fromEnd, fromEndIfDamaged, legacy } = this.#options;
    const loaded = await this.#positions.load();
    const known = new KnownFiles(
      loaded?.saved ?? [],
      clock.monotonic(),
      decompression === undefined ? rememberMs : rememberPackedMs,
    );
    const locator = new Locator(files, decompression);
    const adoption = new Adoption({
      files,
      open: this.#open,
      locator,
      known,
      clock,
      log,
      meters,
      decompression,
      onReadable: (file) => this.#queue.add(file),
      fromEnd: loaded === undefined ? fromEnd : loaded.isDamaged && fromEndIfDamaged,
      // The positions of the agent before this one are for the very first start.
      legacy: loaded === undefined ? await legacy() : new Map(),
    });
    return { files: known, adoption, locator };
  }

  #roundsWith(known: KnownFiles, adoption: Adoption, locator: Locator): Rounds {
    const onReadable = (file: LogFile) => this.#queue.add(file);
    const shared = { ...this.#options, open: this.#open, known, locator };
    const follower = new Follower({ ...shared, onReadable }, adoption);
    return new Rounds({
      ...shared,
      troubles: this.#troubles,
      paths: this.#paths,
      watches: this.#watches,
      queue: this.#queue,
      follower,
    });
  }

  /** A disk that takes no snapshot stops nobody: the next one may be taken. */
  async #save(known: KnownFiles, isAll: boolean): Promise<void> {
    const now = this.#options.clock.monotonic();
    const owned = known.all.map((file) => file.saved(now, isAll));
    try {
      await this.#positions.save([...owned, ...known.unclaimed(now)]);
      this.#troubles.end(positions);
    } catch (error) {
      this.#troubles.fail(positions, "cannot write the positions", error);
    }
  }
}

/** As the key of a trouble; no path is called so. */
const positions = "positions";
