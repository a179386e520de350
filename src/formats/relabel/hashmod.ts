import { createHash } from "node:crypto";

/** The last eight bytes of the value's MD5 as a number, modulo. It takes 64 bits, hence the BigInt. */
export function hashmod(value: string, modulus: number): string {
  const hash = createHash("md5").update(value).digest().readBigUInt64BE(8);
  return String(hash % BigInt(modulus));
}
