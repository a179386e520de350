import { execFileSync } from "node:child_process";
import { join } from "node:path";

/**
 * Resident memory after importing each dependency alone, beside a bare Node: what loads decides what an agent weighs.
 * `npm run bench:imports` prints it.
 */
const packages = ["zod", "yaml", "commander", "prom-client", "re2js", "bcryptjs", "protobufjs", "snappyjs"];

function measure(specifier: string | undefined): { rssMiB: number; ms: number } {
  const load = specifier === undefined ? "" : `await import(${JSON.stringify(specifier)});`;
  const script = `const t = performance.now(); ${load} const ms = performance.now() - t; globalThis.gc();
    console.log(JSON.stringify({ rss: process.memoryUsage.rss(), ms }));`;
  const args = ["--expose-gc", "--input-type=module", "--eval", script];
  const cwd = join(import.meta.dirname, "..");
  const { rss, ms } = JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: "utf8" }));
  return { rssMiB: rss / 2 ** 20, ms };
}

const bare = measure(undefined);
console.log(`${"bare Node".padEnd(14)} ${bare.rssMiB.toFixed(1).padStart(6)} MiB`);
for (const name of packages) {
  const { rssMiB, ms } = measure(name);
  console.log(
    `${name.padEnd(14)} ${`+${(rssMiB - bare.rssMiB).toFixed(1)}`.padStart(6)} MiB  ${ms.toFixed(0).padStart(4)} ms`,
  );
}
