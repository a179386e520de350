import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Receiver } from "../../signals/receiver.ts";
import type { ArchiveFormat } from "./archive.ts";
import type { Encoding } from "./encoding.ts";
import type { ReadLimits } from "./read-queue.ts";
import type { TailFiles } from "./tail-files.ts";
import type { TailMeters } from "./tail-meters.ts";

export interface TailOptions {
  readonly files: TailFiles;
  readonly disk: Disk;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly output: Receiver<"logs">;
  readonly meters: TailMeters;
  readonly setHealth: (isHealthy: boolean, reason?: string) => void;

  /** Of files that have no byte order mark. */
  readonly encoding: Encoding;
  /** At the very first start, files begin at their end. */
  readonly fromEnd: boolean;
  /** The same where the positions are damaged. */
  readonly fromEndIfDamaged: boolean;
  readonly decompression: ArchiveFormat | undefined;
  /** What the agent before this one wrote down, bytes by path; asked for at the very first start. */
  readonly legacy: () => Promise<ReadonlyMap<string, number>>;
  /** A file is looked at each `minPollMs` while it changes, and up to `maxPollMs` apart while it does not. */
  readonly minPollMs: number;
  readonly maxPollMs: number;
  /** Between two searches for new files. */
  readonly syncMs: number;
  readonly ignoreOlderThanMs: number;
  readonly maxOpenFiles: number;
  readonly limits: ReadLimits;
}
