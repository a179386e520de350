import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../test/support/http-server.ts";
import { startStrictLoki } from "../../../test/support/strict-loki.ts";
import { root } from "../../build/root.ts";
import { checks } from "./checks.ts";
import { buildImage } from "./image.ts";
import { Machine } from "./machine.ts";
import { Receiver } from "./receiver.ts";

// A machine of its own: Debian with systemd, and the package in it, from the installation to its end. Needs root (for
// debootstrap), and debootstrap, qemu-system-x86, openssh-client and e2fsprogs. The next check goes on where the last one
// stopped, so the first that fails ends the run.

const started = Date.now();
const log = join(root, ".cache/vm/console.log");
const machine = new Machine(buildImage(), await freePort(), log);
const receiver = await Receiver.start();
const loki = await startStrictLoki();
rmSync(log, { force: true });
let failed = false;
try {
  say(`Debian boots, instructions by ${Machine.accelerator}`);
  await machine.boot();
  say(await machine.must('. /etc/os-release; echo "$PRETTY_NAME, $(uname -r), $(systemctl --version | head -n 1)"'));
  await machine.copy(build("0.0.9"), "/var/tmp/old.deb");
  await machine.copy(build("0.1.0"), "/var/tmp/new.deb");
  for (const [name, check] of Object.entries(checks)) {
    const found = await check(machine, receiver, loki);
    say(`ok  ${name}${found === undefined ? "" : `: ${found}`}`);
  }
  say("all checks passed");
} catch (error) {
  failed = true;
  say(`FAILED ${error instanceof Error ? error.message : error}`);
  console.log(
    (await machine.run("systemctl status sonde --no-pager; journalctl -u sonde --no-pager | tail -n 40")).text,
  );
} finally {
  await machine.cutPower();
  await receiver.close();
  await loki.close();
}
process.exitCode = failed ? 1 : 0;

/** A Debian package of this tree that says that it is of this version; its path. */
function build(version: string): string {
  const out = join(root, ".cache/vm/packages", version);
  mkdirSync(out, { recursive: true });
  const options = ["--arch", "x64", "--only", "deb", "--level", "3", "--version", version, "--out", out];
  execFileSync(process.execPath, [join(root, "packaging/build/package.ts"), ...options], { cwd: root });
  return join(out, globSync("*.deb", { cwd: out })[0] ?? "");
}

function say(text: string): void {
  console.log(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${text}`);
}
