import { createHash } from "node:crypto";

/**
 * Who of the members a target belongs to, by rendezvous hashing: each member has a score for the target, the highest one
 * has it. Members that have the same list agree without a word, and when one comes or goes only its own share moves.
 */
export class Ownership {
  readonly #self: string;
  readonly #seeds: readonly (readonly [member: string, seed: number])[];

  /** `members` in any order; `self` owns nothing where it is none of them. */
  constructor(members: readonly string[], self: string) {
    this.#self = self;
    this.#seeds = [...new Set(members)].sort().map((member) => [member, seedOf(member)]);
  }

  isOurs(identity: string): boolean {
    return this.ownerOf(identity) === this.#self;
  }

  /** Undefined where there is no member. */
  ownerOf(identity: string): string | undefined {
    const seed = seedOf(identity);
    let owner: string | undefined;
    let highest = -1;
    for (const [member, memberSeed] of this.#seeds) {
      const score = mixed(seed ^ memberSeed);
      if (score <= highest) continue;
      highest = score;
      owner = member;
    }
    return owner;
  }
}

function seedOf(text: string): number {
  return createHash("md5").update(text).digest().readUInt32LE(0);
}

/** MurmurHash3's finalizer: every bit of the input moves about half of the result's. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
