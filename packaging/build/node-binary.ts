import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";

export type Arch = "x64" | "arm64";

/** What the registry says of the packages with Node 24.21.0, and what they are checked against. */
const integrity: Readonly<Record<Arch, string>> = {
  x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** The pinned Node for an architecture: the one that runs this, or that of the npm package for the other machine. */
export function nodeBinary(arch: Arch): string {
  return arch === process.arch ? process.execPath : join(fetched(arch), "package/bin/node");
}

/** The licences of Node and of all that is in it. */
export function nodeLicense(): string {
  const beside = join(root, `node_modules/node/node_modules/node-bin-${process.platform}-${process.arch}/LICENSE`);
  if (existsSync(beside)) return readFileSync(beside, "utf8");
  return readFileSync(join(fetched(process.arch as Arch), "package/LICENSE"), "utf8");
}

function fetched(arch: Arch): string {
  const version = process.versions.node;
  const folder = join(root, ".cache/node");
  const name = `node-linux-${arch}-${version}`;
  const unpacked = join(folder, name);
  if (existsSync(join(unpacked, "package/LICENSE"))) return unpacked;
  mkdirSync(unpacked, { recursive: true });
  execFileSync("npm", ["pack", "--silent", `node-linux-${arch}@${version}`], { cwd: folder });
  const archive = join(folder, `${name}.tgz`);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity[arch]) {
    throw new Error(
      `${archive} has the checksum ${found}, not ${integrity[arch]}: write the new one beside the old Node's`,
    );
  }
  execFileSync("tar", ["-xzf", archive, "-C", unpacked, "package/bin/node", "package/LICENSE"]);
  return unpacked;
}
