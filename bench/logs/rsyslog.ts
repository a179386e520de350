import { readdirSync } from "node:fs";
import { join } from "node:path";
import { unpackedPackages } from "../../test/support/debian-packages.ts";

/** What rsyslog needs besides itself. */
const libraries =
  "libc6 libestr0 libfastjson4 liblognorm5 libsystemd0 libuuid1 zlib1g libcap2 libcap-ng0 libgcc-s1 libzstd1".split(
    " ",
  );

/** rsyslogd of Debian's package, run by the loader and with the libraries of its own Debian. */
export async function rsyslogProgram() {
  const folders = await unpackedPackages(["rsyslog", ...libraries]);
  const library = (name: string) => {
    const lib = join(folders.get(name) ?? "", "usr/lib");
    return readdirSync(lib)
      .filter((entry) => entry.includes("-linux-"))
      .map((entry) => join(lib, entry));
  };
  const paths = libraries.flatMap(library);
  const libc = library("libc6")[0] ?? "";
  const loader = readdirSync(libc).find((name) => name.startsWith("ld-linux")) ?? "ld.so";
  const modules = join(library("rsyslog")[0] ?? "", "rsyslog");
  const program = join(folders.get("rsyslog") ?? "", "usr/sbin/rsyslogd");
  return { command: join(libc, loader), args: ["--library-path", paths.join(":"), program, "-M", modules] };
}
