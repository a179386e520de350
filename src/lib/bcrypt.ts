import { compare } from "bcryptjs";

/** `$2a$`, `$2b$` or `$2y$`, the cost, 22 characters of salt and 31 of hash; htpasswd and Go write them so. */
export function isBcryptHash(text: string): boolean {
  return /^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/.test(text);
}

/**
 * Slow on purpose: some 70 ms at the usual cost of 10. The work is cut into slices, between which the event loop turns;
 * callers remember the answer and ask for one at a time.
 */
export function matchesBcrypt(password: string, hash: string): Promise<boolean> {
  return compare(password, hash);
}
