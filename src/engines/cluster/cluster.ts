import { type Clock, sleep } from "../../lib/clock.ts";
import { type Disk, readSmallFile, replaceFile } from "../../lib/disk.ts";
import { describeError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Membership } from "./membership.ts";
import { Ownership } from "./ownership.ts";

export interface ClusterOptions {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Where the last members are kept: a restart while they cannot be told goes on with them. */
  readonly folder: string;
  readonly log: Logger;
  /** The members, or what is wrong, have changed. */
  readonly onChange: () => void;
}

/**
 * Which targets are this member's. Until it knows who the members are, none; where that cannot be found out, those that
 * were its own before, and without a before all of them: scraped twice is better than scraped by nobody.
 */
export class Cluster {
  readonly #membership: Membership;
  readonly #options: ClusterOptions;
  #members: readonly string[] = [];
  #ownership: Ownership;
  #trouble: string | undefined;

  constructor(membership: Membership, options: ClusterOptions) {
    this.#membership = membership;
    this.#options = options;
    this.#ownership = new Ownership([], membership.self);
  }

  /** Sorted. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** Why the members are those of before. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  isOurs(identity: string): boolean {
    return this.#ownership.isOurs(identity);
  }

  /** Resolves when `stop` has aborted and the others know. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const saved = await this.#load();
    const cancelPatience = clock.after(this.#membership.patienceMs, () => this.#standIn([this.#membership.self]));
    try {
      while (!stop.aborted) {
        await this.#look(stop, saved);
        await sleep(clock, this.#membership.intervalMs, stop);
      }
    } finally {
      cancelPatience();
      await this.#membership.leave();
    }
  }

  async #look(stop: AbortSignal, saved: readonly string[]): Promise<void> {
    try {
      const members = [...new Set(await this.#membership.look(stop))].sort();
      if (stop.aborted) return;
      this.#setTrouble(undefined);
      if (this.#use(members)) await this.#save();
    } catch (error) {
      if (stop.aborted) return;
      this.#setTrouble(`cannot tell the members of the cluster: ${describeError(error)}`);
      this.#standIn(saved);
    }
  }

  /** Members that were not told, as long as none were. */
  #standIn(members: readonly string[]): void {
    if (this.#members.length === 0 && members.includes(this.#membership.self)) this.#use(members);
  }

  /** Whether they are others than before. */
  #use(members: readonly string[]): boolean {
    if (members.join("\n") === this.#members.join("\n")) return false;
    this.#options.log.info("the members of the cluster are others now", { members: members.join(", ") });
    this.#members = members;
    this.#ownership = new Ownership(members, this.#membership.self);
    this.#options.onChange();
    return true;
  }

  #setTrouble(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    if (trouble !== undefined) this.#options.log.warn("the members stay those of before", { reason: trouble });
    this.#trouble = trouble;
    this.#options.onChange();
  }

  async #load(): Promise<readonly string[]> {
    const { disk, folder, log } = this.#options;
    try {
      const text = await readSmallFile(disk, `${folder}/${fileName}`, maxBytes);
      const members: unknown = text === undefined ? [] : JSON.parse(text.toString("utf8"));
      return Array.isArray(members) ? members.map(String) : [];
    } catch (error) {
      log.warn("cannot read the members that were saved", { error: describeError(error) });
      return [];
    }
  }

  async #save(): Promise<void> {
    const { disk, folder, log } = this.#options;
    try {
      await replaceFile(disk, folder, fileName, Buffer.from(JSON.stringify(this.#members)));
    } catch (error) {
      log.warn("cannot save the members of the cluster", { error: describeError(error) });
    }
  }
}

const fileName = "members.json";
const maxBytes = 2 ** 20;
