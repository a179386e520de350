import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** A folder for the PATH with these programs, each the body of a shell script. */
export function fakePrograms(scripts: Readonly<Record<string, string>>) {
  const dir = tempDir();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(dir.path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return dir;
}
