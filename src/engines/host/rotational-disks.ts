import type { HostFiles } from "./host-files.ts";

/**
 * The attributes of a disk's queue that upstream reads all at once. If one of them cannot be read, it takes none of them
 * for known and calls the disk not rotational: so does every virtio disk, which has no io_timeout.
 */
const numbers = `
  add_random chunk_sectors dax discard_granularity discard_max_bytes discard_max_hw_bytes fua hw_sector_size io_poll
  io_poll_delay io_timeout iostats logical_block_size max_discard_segments max_hw_sectors_kb max_integrity_segments
  max_sectors_kb max_segment_size max_segments minimum_io_size nomerges nr_requests nr_zones optimal_io_size
  physical_block_size read_ahead_kb rq_affinity wbt_lat_usec write_same_max_bytes write_zeroes_max_bytes`
  .trim()
  .split(/\s+/);
const texts = ["scheduler", "write_cache", "zoned"];

/** Which disks node_exporter calls rotational. What a queue has is looked up once per disk, `rotational` every time. */
export class RotationalDisks {
  readonly #files: HostFiles;
  readonly #isKnown = new Map<string, boolean>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  isRotational(device: string): boolean {
    let isKnown = this.#isKnown.get(device);
    if (isKnown === undefined) {
      isKnown = this.#hasWholeQueue(device);
      this.#isKnown.set(device, isKnown);
    }
    return isKnown && this.#queue(device, "rotational") === "1";
  }

  /** Forgets the disks that are gone: another one may come under the same name. */
  keepOnly(devices: readonly string[]): void {
    if (this.#isKnown.size <= devices.length && devices.every((device) => this.#isKnown.has(device))) return;
    for (const device of this.#isKnown.keys()) if (!devices.includes(device)) this.#isKnown.delete(device);
  }

  #hasWholeQueue(device: string): boolean {
    return (
      texts.every((name) => this.#queue(device, name) !== undefined) &&
      numbers.every((name) => /^-?[0-9]+$/.test(this.#queue(device, name) ?? ""))
    );
  }

  #queue(device: string, name: string): string | undefined {
    return this.#files.sys(`block/${device}/queue/${name}`);
  }
}
