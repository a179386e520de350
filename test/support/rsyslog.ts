import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackedPackages } from "./debian-packages.ts";
import { TestProcess } from "./process.ts";
import { programCommand } from "./servers.ts";
import { tempDir } from "./temp-dir.ts";

/** An rsyslog that reads these lines as the program `app`, and does with them what the actions say (its own syntax). */
export async function startRsyslog(lines: readonly string[], actions: string): Promise<AsyncDisposable> {
  const dir = tempDir();
  const file = join(dir.path, "in.log");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const config = join(dir.path, "rsyslog.conf");
  writeFileSync(
    config,
    `global(workDirectory="${dir.path}" localHostname="sender")
module(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" file="${file}" tag="app:" facility="local3" severity="warning")
${actions}`,
  );
  const folders = await unpackedPackages(["rsyslog", "rsyslog-openssl"]);
  const modules = [...folders.values()].map((folder) => join(folder, `usr/lib/${multiarch()}/rsyslog`));
  const [command, ...args] = await programCommand("rsyslog");
  const own = ["-n", "-f", config, "-i", join(dir.path, "pid"), "-M", modules.join(":")];
  const child = new TestProcess(command, [...args, ...own]);
  return {
    async [Symbol.asyncDispose]() {
      await child.stop().finally(() => dir.remove());
    },
  };
}

function multiarch(): string {
  const machines: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
  return `${machines[process.arch] ?? process.arch}-linux-gnu`;
}
