import { type DisposableTempDir, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder: `using dir = tempDir()` removes it at the end of the block, `dir.remove()` where there is none. */
export function tempDir(): DisposableTempDir {
  return mkdtempDisposableSync(join(tmpdir(), "sonde-test-"));
}
