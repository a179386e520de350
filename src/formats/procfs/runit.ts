export interface RunitStatus {
  /** 0 down, 1 running, 2 finishing. */
  readonly state: number;
  /** 1 up, 0 down. */
  readonly desired: number;
  /** Unix time, in whole seconds. */
  readonly changed: number;
}

/** TAI64 counts from 2^62, and is 10 s ahead of what runit takes for Unix time. */
const taiOfUnixEpoch = 2n ** 62n + 10n;
const statusBytes = 20;

/** The file supervise/status of runsv; undefined while it is not whole. */
export function parseRunitStatus(bytes: Buffer): RunitStatus | undefined {
  if (bytes.length !== statusBytes) return undefined;
  return {
    state: bytes[19] ?? 0,
    desired: bytes[17] === "u".charCodeAt(0) ? 1 : 0,
    changed: Number(bytes.readBigUInt64BE(0) - taiOfUnixEpoch),
  };
}
