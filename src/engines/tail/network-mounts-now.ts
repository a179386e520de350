import { readFileSync } from "node:fs";
import { parseMountinfo } from "../../formats/procfs/mountinfo.ts";
import { networkRoots } from "../../formats/procfs/network-mounts.ts";
import type { Clock } from "../../lib/clock.ts";

const validMs = 10_000;

/**
 * Tells where the network file system is mounted that a path lies in, by the path as it is written; undefined for all
 * others. The kernel tells the mounts from its memory, so to ask for them never waits.
 */
export function networkMountsNow(clock: Clock, read = () => readFileSync("/proc/self/mountinfo", "latin1")) {
  let roots: readonly string[] = [];
  let validUntil = Number.NEGATIVE_INFINITY;

  function renew(): void {
    validUntil = clock.monotonic() + validMs;
    try {
      // Byte strings, as the kernel has them.
      roots = networkRoots(parseMountinfo(read())).map((root) => Buffer.from(root, "latin1").toString());
    } catch {
      // Without /proc nobody says which they are.
      roots = [];
    }
  }

  return (path: string): string | undefined => {
    if (clock.monotonic() >= validUntil) renew();
    return roots.find((root) => path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`));
  };
}
