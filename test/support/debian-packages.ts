import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianArchive } from "./apt-sources.ts";
import { type ProcessOptions, runProcess } from "./process.ts";

const cache = join(import.meta.dirname, "../../.cache/servers");

/**
 * Folders with the content of Debian packages, by package name. A package that is not there yet is fetched from the
 * machine's own Debian mirror, suite sid, by an apt of our own: it needs no root, installs nothing and starts nothing. To get newer versions, remove `.cache/servers`.
 */
export async function unpackedPackages(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const root = await cacheOfMachine();
  const folders = new Map(names.map((name) => [name, join(root, name)]));
  const isMissing = (name: string) => !existsSync(join(root, name));
  if (!names.some(isMissing)) return folders;

  await using _lock = await lock(join(root, "lock"));
  const missing = names.filter(isMissing);
  if (missing.length === 0) return folders;
  await using apt = await privateApt(root);
  await apt.download(missing);
  for (const name of missing) await rename(await apt.unpacked(name), join(root, name));
  return folders;
}

/** A root folder with the packages and all that they depend on. Of their scripts none has run. */
export async function unpackedRoot(packages: readonly string[]): Promise<string> {
  const root = await cacheOfMachine();
  const folder = join(root, `root-of-${packages.join("-")}`);
  if (existsSync(folder)) return folder;

  await using _lock = await lock(join(root, "lock"));
  if (existsSync(folder)) return folder;
  await using apt = await privateApt(root);
  const names = await apt.withDependencies(packages);
  await apt.download(names);
  const unpacked = await apt.unpacked(...names);
  // What a script of base-files makes: whose packages these are.
  await symlink("debian", join(unpacked, "etc/dpkg/origins/default"));
  await rename(unpacked, folder);
  return folder;
}

async function cacheOfMachine(): Promise<string> {
  const root = join(cache, await output("dpkg", ["--print-architecture"]));
  await mkdir(root, { recursive: true });
  return root;
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

/** An apt with a configuration, lists and cache of its own below `root`; it is gone when it is disposed of. */
async function privateApt(root: string) {
  const scratch = join(root, "scratch");
  const archives = join(scratch, "archives");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(archives, { recursive: true });
  const options = { cwd: archives, env: { APT_CONFIG: await writeAptConfig(scratch), LC_ALL: "C" } };
  const update = () => output("apt-get", ["--quiet", "--error-on=any", "update"], options);
  const fetch = (names: readonly string[]) => output("apt-get", ["--quiet", "download", ...names], options);
  await update().catch(update);
  return {
    /** Their names, and those of all that they need and of what every Debian has. */
    async withDependencies(packages: readonly string[]): Promise<string[]> {
      const plan = await output(
        "apt-get",
        ["--simulate", "--no-install-recommends", "install", ...packages, "?essential"],
        options,
      );
      return Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, needed = ""]) => needed);
    },
    async download(names: readonly string[]): Promise<void> {
      await fetch(names).catch(() => fetch(names));
    },
    /** One folder with the content of all of them. */
    async unpacked(...names: string[]): Promise<string> {
      const folder = join(scratch, "unpacked");
      for (const name of names) {
        const [archive = name] = globSync(`${name}_*.deb`, { cwd: archives });
        await output("dpkg-deb", ["--extract", join(archives, archive), folder]);
      }
      return folder;
    },
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true }),
  };
}

/** An apt of our own. From the machine's it keeps how to reach the mirror: proxies and checks of dates. */
async function writeAptConfig(scratch: string): Promise<string> {
  const architecture = await output("dpkg", ["--print-architecture"]);
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
