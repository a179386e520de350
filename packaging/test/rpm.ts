import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../build/root.ts";
import { bootstrapped } from "./vm/image.ts";

// npm run package:rpm, as root: the life of the rpm package in a folder that holds a whole system, without systemd running.
// Its scripts run there as they would on a machine; what they say to systemd is left out.

const folder = join(root, ".cache/rpm");
const system = join(folder, "root");
execFileSync("rm", ["-rf", folder]);
mkdirSync(folder, { recursive: true });
execFileSync("cp", ["-a", bootstrapped(), system]);

const old = build("0.0.9");
const next = build("0.1.0");
rpm("--initdb");

rpm("--install", "--nodeps", old);
expect("rights", inside("stat", "-c", "%a %U:%G %n", "/etc/sonde", "/etc/sonde/sonde.yaml", "/var/lib/sonde"), [
  "750 root:sonde /etc/sonde",
  "640 root:sonde /etc/sonde/sonde.yaml",
  "700 sonde:sonde /var/lib/sonde",
]);
expect("groups", inside("id", "-nG", "sonde"), ["sonde adm systemd-journal"]);
expect("files as the package has them", rpm("--verify", "--nodeps", "sonde"), []);
expect("the program runs", inside("/usr/bin/sonde", "check"), ["/etc/sonde is valid: 3 components."]);

appendFileSync(join(system, "etc/sonde/sonde.yaml"), "# mine\n");
rpm("--upgrade", "--nodeps", next);
expect("one version after an upgrade", rpm("--query", "sonde"), ["sonde-0.1.0-1.x86_64"]);
const kept = readFileSync(join(system, "etc/sonde/sonde.yaml"), "utf8").endsWith("# mine\n");
expect("an upgrade keeps the config", String(kept), ["true"]);

rpm("--erase", "sonde");
const left = ["usr/bin/sonde", "usr/lib/systemd/system/sonde.service", "var/lib/sonde"];
expect("removal", left.filter((path) => existsSync(join(system, path))).join("\n"), []);
expect("removal saves a changed config", globSync("etc/sonde/*", { cwd: system }).join("\n"), [
  "etc/sonde/sonde.yaml.rpmsave",
]);

/** An rpm package of this tree that says that it is of this version; its path. */
function build(version: string): string {
  const out = join(folder, version);
  const options = ["--arch", "x64", "--only", "rpm", "--level", "3", "--version", version, "--out", out];
  execFileSync(process.execPath, [join(root, "packaging/build/package.ts"), ...options], { cwd: root });
  return join(out, globSync("*.rpm", { cwd: out })[0] ?? "");
}

function rpm(...args: readonly string[]): string {
  return run("rpm", ["--root", system, "--dbpath", "/var/lib/rpm", ...args]);
}

function inside(...command: readonly string[]): string {
  return run("chroot", [system, ...command]);
}

/** What it prints, errors too; it must succeed. */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return (stdout + stderr).trim();
}

function expect(what: string, found: string, lines: readonly string[]): void {
  if (found !== lines.join("\n")) throw new Error(`${what}: expected\n${lines.join("\n")}\nfound\n${found}`);
  console.log(`ok  ${what}`);
}
