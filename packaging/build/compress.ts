import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

/** Zstandard, whose output depends on the bytes and the level only, not on the processor. */
export function zstd(bytes: Buffer, level: number): Promise<Buffer> {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag, ZSTD_c_windowLog } = constants;
  // A window of 64 MiB at the highest level: what unpacks it needs that much memory, and all of them allow it.
  const params = { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1, [ZSTD_c_windowLog]: level > 9 ? 26 : 0 };
  return promisify(zstdCompress)(bytes, { params });
}

/** Without a name and a time in its header. */
export function gz(bytes: Buffer): Promise<Buffer> {
  return promisify<Buffer, { level: number }, Buffer>(gzip)(bytes, { level: 9 });
}
