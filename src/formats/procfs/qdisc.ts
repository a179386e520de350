/** A queueing discipline as `tc -s -j qdisc` tells it. */
export interface Qdisc {
  readonly kind: string;
  readonly dev: string;
  /** It hangs on the device itself, not below another one. */
  readonly root?: boolean;
  readonly bytes?: number;
  readonly packets?: number;
  readonly drops?: number;
  readonly overlimits?: number;
  readonly requeues?: number;
  readonly backlog?: number;
  readonly qlen?: number;
}

export function parseQdiscs(json: string): Qdisc[] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new Error("cannot parse what tc says: it is no list");
  return parsed as Qdisc[];
}
