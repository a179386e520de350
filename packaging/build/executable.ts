import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "postject";
import { assets } from "./bundle.ts";
import { type Arch, nodeBinary } from "./node-binary.ts";

/** bin/sonde has the reasons. */
const flags = ["--max-semi-space-size=4", "--no-memory-reducer"];

const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * The pinned Node with the program in it, at `path`.
 *
 *     code ──► node --experimental-sea-config ──► blob: code, code cache, assets, flags ─┐
 *     Node's binary ──► strip ─────────────────────────────────────────────── postject ──┴──► sonde
 *
 * The code cache makes a start a third cheaper. It is V8's, for one architecture, and only a Node that runs can write it,
 * so the executable for another machine than this one is without.
 */
export async function buildExecutable(code: string, arch: Arch, path: string, scratch: string): Promise<void> {
  writeFileSync(join(scratch, "sonde.cjs"), code);
  const config = {
    main: "sonde.cjs",
    output: "sonde.blob",
    disableExperimentalSEAWarning: true,
    useCodeCache: arch === process.arch,
    execArgv: flags,
    // NODE_OPTIONS is not the agent's: nothing of its environment shall change what runs.
    execArgvExtension: "none",
    assets: Object.fromEntries(assets()),
  };
  writeFileSync(join(scratch, "sea.json"), JSON.stringify(config));
  // The cache holds for these flags only. The seed is not one of them; without it each run writes other hashes.
  const seaFlags = [...flags, "--random-seed=1", "--experimental-sea-config", "sea.json"];
  execFileSync(process.execPath, seaFlags, { cwd: scratch, env: {}, stdio: ["ignore", "ignore", "inherit"] });

  copyFileSync(nodeBinary(arch), path);
  strip(path);
  await withoutNoise(() =>
    inject(path, "NODE_SEA_BLOB", readFileSync(join(scratch, "sonde.blob")), { sentinelFuse: fuse }),
  );
  chmodSync(path, 0o755);
}

/** Symbols are a seventh of the size. Without a program that knows the architecture they stay. */
function strip(path: string): void {
  for (const program of ["llvm-strip", "strip", "aarch64-linux-gnu-strip"]) {
    try {
      execFileSync(program, [path], { stdio: "ignore" });
      return;
    } catch {
      // Not there, or not for this architecture.
    }
  }
  console.error(`nothing here can strip ${path}: it keeps its symbols`);
}

/** postject's library prints a warning for each note of the binary whose section name was stripped. */
async function withoutNoise<T>(task: () => Promise<T>): Promise<T> {
  const { log, warn, error } = console;
  console.log = console.warn = console.error = () => {};
  try {
    return await task();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}
