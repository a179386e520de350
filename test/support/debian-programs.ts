import { readdirSync } from "node:fs";
import { join } from "node:path";
import { unpackedPackages } from "./debian-packages.ts";
import { fakePrograms } from "./fake-programs.ts";

/** Small programs of Debian's, and the packages with the libraries that they need besides the C library. */
const programs = {
  tc: { package: "iproute2", path: "usr/sbin/tc" },
  ip: { package: "iproute2", path: "usr/bin/ip" },
  ethtool: { package: "ethtool", path: "usr/sbin/ethtool" },
  iw: { package: "iw", path: "usr/sbin/iw" },
  logrotate: { package: "logrotate", path: "usr/sbin/logrotate" },
} as const;
const libraries =
  "libacl1 libc6 libbpf1 libcap2 libdb5.3t64 libelf1t64 libmnl0 libnl-3-200 libnl-genl-3-200 libpcre2-8-0 libpopt0 libselinux1 libtirpc3t64 libxtables12 libzstd1 zlib1g".split(
    " ",
  );

/** A folder for the PATH with these programs; each is run by the loader and with the libraries of its own Debian. */
export async function debianPrograms() {
  const packages = [...new Set(Object.values(programs).map((program) => program.package)), ...libraries];
  const folders = await unpackedPackages(packages);
  const libraryPath = libraries.flatMap((name) => libraryFolders(folders.get(name) ?? "")).join(":");
  const libc = libraryFolders(folders.get("libc6") ?? "")[0] ?? "";
  const loader = readdirSync(libc).find((name) => name.startsWith("ld-linux")) ?? "ld.so";
  const scripts = Object.entries(programs).map(([name, { package: inPackage, path }]) => {
    const program = join(folders.get(inPackage) ?? "", path);
    return [name, `exec ${join(libc, loader)} --library-path ${libraryPath} ${program} "$@"`];
  });
  return fakePrograms(Object.fromEntries(scripts));
}

/** `usr/lib/x86_64-linux-gnu` or its like. */
function libraryFolders(root: string): string[] {
  const lib = join(root, "usr/lib");
  return readdirSync(lib)
    .filter((name) => name.includes("-linux-"))
    .map((name) => join(lib, name));
}
