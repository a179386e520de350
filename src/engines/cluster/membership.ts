/** Where a member learns who the members are, and tells that it is one. */
export interface Membership {
  /** What this member is called among them. */
  readonly self: string;
  /** Between two looks. */
  readonly intervalMs: number;
  /** How long without any answer after a start before this member takes itself for the only one. */
  readonly patienceMs: number;
  /** All members, this one among them. Rejects where that cannot be told; has a timeout of its own. */
  look(stop: AbortSignal): Promise<readonly string[]>;
  /** This member ends: the others need not wait for its lease. Never rejects. */
  leave(): Promise<void>;
}

/** A list that the config has. */
export function staticMembership(members: readonly string[], self: string): Membership {
  return {
    self,
    intervalMs: Number.MAX_SAFE_INTEGER,
    patienceMs: 0,
    look: async () => members,
    leave: async () => {},
  };
}
