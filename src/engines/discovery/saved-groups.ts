import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Disk, errnoOf, replaceFile } from "../../lib/disk.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { TargetGroup } from "../../signals/targets.ts";

/**
 * The last good targets on disk, so that an agent that restarts during an outage of the discovery still scrapes. One
 * file, always whole: written beside, synced and renamed.
 */
export class SavedGroups {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #identity: string;

  /** `identity` is what the targets depend on: what was saved under another one is not loaded. It is stored hashed. */
  constructor(disk: Disk, folder: string, identity: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#identity = createHash("sha256").update(identity).digest("hex");
  }

  /** None where none were saved. Rejects where the file cannot be read or is damaged. */
  async load(): Promise<TargetGroup[]> {
    const text = await this.#read();
    if (text === undefined) return [];
    const saved: unknown = JSON.parse(text);
    if (!isSaved(saved)) throw new Error("not a file of saved targets");
    return saved.identity === this.#identity ? saved.groups.map(restored) : [];
  }

  async save(groups: readonly TargetGroup[]): Promise<void> {
    const listed = groups.map(({ source, targets }) => ({ source, targets: targets.map(({ labels }) => labels) }));
    const saved: Saved = { version: 1, identity: this.#identity, groups: listed };
    await replaceFile(this.#disk, this.#folder, fileName, Buffer.from(JSON.stringify(saved)));
  }

  async #read(): Promise<string | undefined> {
    try {
      const file = await this.#disk.open(join(this.#folder, fileName), "read");
      try {
        const bytes = Buffer.alloc((await file.stat()).size);
        return bytes.toString("utf8", 0, await file.read(bytes, 0));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}

const fileName = "targets.json";

interface Saved {
  readonly version: 1;
  readonly identity: string;
  readonly groups: readonly SavedGroup[];
}

interface SavedGroup {
  readonly source: string;
  readonly targets: readonly Labels[];
}

function isSaved(value: unknown): value is Saved {
  const { version, identity, groups } = Object(value) as Partial<Saved>;
  return version === 1 && typeof identity === "string" && Array.isArray(groups) && groups.every(isSavedGroup);
}

function isSavedGroup(value: unknown): value is SavedGroup {
  const { source, targets } = Object(value) as Partial<SavedGroup>;
  return typeof source === "string" && Array.isArray(targets) && targets.every(isLabels);
}

function isLabels(value: unknown): value is Labels {
  return Array.isArray(value) && value.length % 2 === 0 && value.every((text) => typeof text === "string");
}

/** Somebody may have edited the file: what comes out of it is a proper label set in any case. */
function restored({ source, targets }: SavedGroup): TargetGroup {
  return { source, targets: targets.map((labels) => ({ labels: labelsFrom(labelRecord(labels)) })) };
}
