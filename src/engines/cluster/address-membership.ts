import type { Membership } from "./membership.ts";

export interface AddressMembershipOptions {
  /** What this member is called in the list; if left out, the first address of the list that is one of its own. */
  readonly name: string | undefined;
  readonly hostname: string;
  readonly intervalMs: number;
  readonly ownAddresses: () => readonly string[];
  /** The addresses of all members; undefined where there is no such list. Has a timeout of its own. */
  readonly addresses: (stop: AbortSignal) => Promise<readonly string[] | undefined>;
}

/** Members whose addresses stand in DNS. */
export class AddressMembership implements Membership {
  self: string;
  readonly intervalMs: number;
  readonly patienceMs: number;
  readonly #options: AddressMembershipOptions;

  constructor(options: AddressMembershipOptions) {
    this.#options = options;
    this.self = options.name ?? options.hostname;
    this.intervalMs = options.intervalMs;
    this.patienceMs = options.intervalMs;
  }

  async look(stop: AbortSignal): Promise<readonly string[]> {
    const { name, ownAddresses, addresses } = this.#options;
    const members = await addresses(stop);
    if (members === undefined) throw new Error("there is no such name");
    const own = name === undefined ? ownAddresses() : [name];
    const self = members.find((member) => own.includes(member));
    if (self === undefined) throw new Error(`none of ${members.join(", ") || "no addresses"} is this member`);
    this.self = self;
    return members;
  }

  async leave(): Promise<void> {}
}
