import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianArchive } from "./apt-sources.ts";
import { type ProcessOptions, runProcess } from "./process.ts";

const cache = join(import.meta.dirname, "../../.cache/servers");

/**
 * Folders with the content of Debian packages, by package name. A package that is not there yet is fetched from the
 * machine's own Debian mirror, suite sid, by an apt with a configuration, lists and cache of its own: it
 * needs no root, installs nothing and starts nothing. To get newer versions, remove `.cache/servers`.
 */
export async function unpackedPackages(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const architecture = await output("dpkg", ["--print-architecture"]);
  const root = join(cache, architecture);
  const folders = new Map(names.map((name) => [name, join(root, name)]));
  const isMissing = (name: string) => !existsSync(join(root, name));
  if (!names.some(isMissing)) return folders;

  await mkdir(root, { recursive: true });
  await using _lock = await lock(join(root, "lock"));
  const missing = names.filter(isMissing);
  if (missing.length > 0) await fetchPackages(root, architecture, missing);
  return folders;
}

/** Several test files may come here at once. The holder ends with its standard input, so no lock outlives its owner. */
async function lock(path: string): Promise<AsyncDisposable> {
  const holder = spawn("flock", ["--no-fork", path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder, "spawn");
  await once(holder.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await once(holder, "close");
    },
  };
}

async function fetchPackages(root: string, architecture: string, names: readonly string[]): Promise<void> {
  const scratch = join(root, "scratch");
  const archives = join(scratch, "archives");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(archives, { recursive: true });
  const options = { cwd: archives, env: { APT_CONFIG: await writeAptConfig(scratch, architecture), LC_ALL: "C" } };
  await download(names, options).catch(() => download(names, options));
  for (const archive of await readdir(archives)) {
    const name = archive.split("_", 1)[0] ?? archive;
    const unpacked = join(scratch, name);
    await output("dpkg-deb", ["--extract", join(archives, archive), unpacked]);
    await rename(unpacked, join(root, name));
  }
  await rm(scratch, { recursive: true });
}

async function download(names: readonly string[], options: ProcessOptions): Promise<void> {
  await output("apt-get", ["--quiet", "--error-on=any", "update"], options);
  await output("apt-get", ["--quiet", "download", ...names], options);
}

/** An apt of our own. From the machine's it keeps how to reach the mirror: proxies and checks of dates. */
async function writeAptConfig(scratch: string, architecture: string): Promise<string> {
  const apt = join(scratch, "apt");
  for (const folder of ["parts", "state/lists/partial", "cache/archives/partial"]) {
    await mkdir(join(apt, folder), { recursive: true });
  }
  const { uris, signedBy } = await debianArchive();
  await writeFile(
    join(apt, "debian.sources"),
    `Types: deb\nURIs: ${uris}\nSuites: sid\nComponents: main\nSigned-By: ${signedBy}\n`,
  );
  await writeFile(join(apt, "status"), "");
  const network = (await output("apt-config", ["dump"])).match(/^Acquire::(https?|Check-[A-Za-z-]+)\b.*;$/gm) ?? [];
  const settings = [
    ...network,
    'Acquire::Languages "none";',
    'Acquire::http::Timeout "20";',
    // A failed try is followed by a second one as a whole.
    'Acquire::Retries "0";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    // As root, apt would change to a user who may not write here.
    'APT::Sandbox::User "root";',
    'Dir::Etc::main "/dev/null";',
    `Dir::Etc::parts "${apt}/parts";`,
    `Dir::Etc::sourcelist "${apt}/debian.sources";`,
    'Dir::Etc::sourceparts "/dev/null";',
    `Dir::State "${apt}/state";`,
    `Dir::State::status "${apt}/status";`,
    `Dir::Cache "${apt}/cache";`,
  ];
  const config = join(apt, "apt.conf");
  await writeFile(config, `${settings.join("\n")}\n`);
  return config;
}

async function output(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runProcess(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr.trim()}`);
  return stdout.trim();
}
