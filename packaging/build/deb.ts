import { createHash } from "node:crypto";
import { gz, zstd } from "./compress.ts";
import { type Entry, withParents } from "./entry.ts";
import type { Product } from "./product.ts";
import { tar } from "./tar.ts";

/** Debian's names of the architectures. */
const architectures = { x64: "amd64", arm64: "arm64" } as const;

export interface DebScripts {
  readonly preinst?: string;
  readonly postinst: string;
  readonly prerm: string;
  readonly postrm: string;
}

export function debName({ name, version, arch }: Product): string {
  return `${name}_${version}_${architectures[arch]}.deb`;
}

/**
 * A Debian package: an ar archive of three members.
 *
 *     debian-binary   the number of the format
 *     control.tar     what dpkg must know: fields, scripts, config files, checksums
 *     data.tar        the files
 *
 * Everything in it is root's: the users of the package exist only once its scripts have run.
 */
export async function deb(product: Product, entries: readonly Entry[], scripts: DebScripts): Promise<Buffer> {
  const { at, level } = product;
  const all = withParents(entries);
  const control = [
    file("/control", controlFile(product, all)),
    file("/conffiles", lines(all.filter(({ isConfig }) => isConfig).map(({ path }) => path))),
    file("/md5sums", lines(all.filter((entry) => entry.content && !entry.isConfig).map(md5Line))),
    ...Object.entries(scripts).map(([name, text]) => file(`/${name}`, text, 0o755)),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const top = { path: "/", mode: 0o755 };
  return ar(
    [
      ["debian-binary", Buffer.from("2.0\n")],
      ["control.tar.gz", await gz(tar([{ ...top, path: "" }, ...control], at))],
      ["data.tar.zst", await zstd(tar([{ ...top, path: "" }, ...all], at), level)],
    ],
    at,
  );
}

function controlFile(product: Product, entries: readonly Entry[]): string {
  const { name, version, arch, summary, description, maintainer } = product;
  // In KiB, each file and folder rounded up, as dpkg-gencontrol counts.
  const size = entries.reduce((total, { content }) => total + Math.max(1, Math.ceil((content?.length ?? 0) / 1024)), 0);
  return `Package: ${name}
Version: ${version}
Architecture: ${architectures[arch]}
Maintainer: ${maintainer}
Installed-Size: ${size}
Depends: libc6 (>= 2.28), libstdc++6 (>= 8), init-system-helpers (>= 1.54), systemd
Section: net
Priority: optional
Description: ${summary}
${description.map((line) => ` ${line === "" ? "." : line}`).join("\n")}
`;
}

function file(path: string, text: string, mode = 0o644): Entry {
  return { path, content: Buffer.from(text), mode };
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join("");
}

function md5Line({ path, content = Buffer.alloc(0) }: Entry): string {
  return `${createHash("md5").update(content).digest("hex")}  ${path.slice(1)}`;
}

/** Members one after the other, each behind 60 bytes of text that describe it, and at an even place. */
function ar(members: readonly (readonly [name: string, content: Buffer])[], at: number): Buffer {
  const parts = members.flatMap(([name, content]) => {
    const head = `${name.padEnd(16)}${String(at).padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`;
    const filler = Buffer.alloc(content.length % 2, "\n");
    return [Buffer.from(`${head}${String(content.length).padEnd(10)}\`\n`), content, filler];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}
