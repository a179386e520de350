import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { zstd } from "./compress.ts";
import { cpio, fileMode } from "./cpio.ts";
import type { Entry } from "./entry.ts";
import type { Product } from "./product.ts";
import { rpmHeader, type Tag } from "./rpm-header.ts";

/** rpm's names and numbers of the architectures. */
const architectures = { x64: ["x86_64", 1], arm64: ["aarch64", 19] } as const;

const release = "1";

export interface RpmScripts {
  readonly prein: string;
  readonly postin: string;
  readonly preun: string;
  readonly postun: string;
}

export function rpmName({ name, version, arch }: Product): string {
  return `${name}-${version}-${release}.${architectures[arch][0]}.rpm`;
}

/**
 * An rpm package: a lead that nothing reads any more, a header with checksums, the header proper, and the files as a
 * compressed cpio archive. `entries` are those that belong to the package: the parents of `/usr/bin/x` are others'.
 */
export async function rpm(product: Product, entries: readonly Entry[], scripts: RpmScripts): Promise<Buffer> {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const archive = cpio(sorted, product.at);
  const payload = await zstd(archive, product.level);
  const header = rpmHeader(63, [
    ...aboutTags(product, sorted),
    ...scriptTags(scripts),
    ...fileTags(sorted, product.at),
    ...dependencyTags(product, sorted),
    [5092, { texts: [sha256(payload)] }],
    [5093, { int32: [8] }],
  ]);
  const signature = rpmHeader(62, [
    [269, { text: createHash("sha1").update(header).digest("hex") }],
    [273, { text: sha256(header) }],
    [1000, { int32: [header.length + payload.length] }],
    [1004, { bytes: createHash("md5").update(header).update(payload).digest() }],
    [1007, { int32: [archive.length] }],
  ]);
  const filler = Buffer.alloc((8 - (signature.length % 8)) % 8);
  return Buffer.concat([lead(product), signature, filler, header, payload]);
}

function lead(product: Product): Buffer {
  const bytes = Buffer.alloc(96);
  bytes.writeUInt32BE(0xedabeedb, 0);
  bytes.writeUInt8(3, 4);
  bytes.writeUInt16BE(architectures[product.arch][1], 8);
  bytes.write(`${product.name}-${product.version}-${release}`.slice(0, 65), 10);
  bytes.writeUInt16BE(1, 76);
  bytes.writeUInt16BE(5, 78);
  return bytes;
}

function aboutTags(product: Product, entries: readonly Entry[]): Tag[] {
  const { name, version, summary, description, at, license, maintainer, arch } = product;
  return [
    [100, { texts: ["C"] }],
    [1000, { text: name }],
    [1001, { text: version }],
    [1002, { text: release }],
    [1004, { i18n: summary }],
    [1005, { i18n: description.join("\n") }],
    [1006, { int32: [at] }],
    [1007, { text: "localhost" }],
    [1009, { int32: [entries.reduce((total, { content }) => total + (content?.length ?? 0), 0)] }],
    [1014, { text: license }],
    [1015, { text: maintainer }],
    [1016, { i18n: "System/Monitoring" }],
    [1021, { text: "linux" }],
    [1022, { text: architectures[arch][0] }],
    [1044, { text: `${name}-${version}-${release}.src.rpm` }],
    [1064, { text: "4.18.0" }],
    [1080, { int32: [at] }],
    [1081, { texts: [`${maintainer} - ${version}-${release}`] }],
    [1082, { texts: [`- Release ${version}: see CHANGELOG.md`] }],
    [1124, { text: "cpio" }],
    [1125, { text: "zstd" }],
    [1126, { text: String(product.level) }],
    [1132, { text: `${architectures[arch][0]}-linux` }],
  ];
}

function scriptTags({ prein, postin, preun, postun }: RpmScripts): Tag[] {
  const shell = { texts: ["/bin/sh"] };
  return [
    [1023, { text: prein }],
    [1024, { text: postin }],
    [1025, { text: preun }],
    [1026, { text: postun }],
    [1085, shell],
    [1086, shell],
    [1087, shell],
    [1088, shell],
  ];
}

function fileTags(entries: readonly Entry[], at: number): Tag[] {
  const folders = [...new Set(entries.map(({ path }) => `${dirname(path)}/`))].toSorted();
  const each = <T>(value: (entry: Entry, index: number) => T): T[] => entries.map(value);
  return [
    [1028, { int32: each(({ content }) => content?.length ?? 4096) }],
    [1030, { int16: each(fileMode) }],
    [1033, { int16: each(() => 0) }],
    [1034, { int32: each(() => at) }],
    [1035, { texts: each(({ content }) => (content === undefined ? "" : sha256(content))) }],
    [1036, { texts: each(() => "") }],
    [1037, { int32: each(fileFlags) }],
    [1039, { texts: each(({ owner }) => owner ?? "root") }],
    [1040, { texts: each(({ group }) => group ?? "root") }],
    [1045, { int32: each(() => -1) }],
    [1095, { int32: each(() => 1) }],
    [1096, { int32: each((_, index) => index + 1) }],
    [1097, { texts: each(() => "") }],
    [1116, { int32: each(({ path }) => folders.indexOf(`${dirname(path)}/`)) }],
    [1117, { texts: each(({ path }) => basename(path)) }],
    [1118, { texts: folders }],
    [5011, { int32: [8] }],
  ];
}

/** config, doc, noreplace: rpm's numbers. */
function fileFlags({ path, isConfig, content }: Entry): number {
  if (isConfig) return 1 | 16;
  return /^\/usr\/share\/(doc|man)\//.test(path) && content !== undefined ? 2 : 0;
}

/** Flags: 2 less, 4 greater, 8 equal; when: 256 before, 512 …; 1 << 24: what rpm itself must be able to do. */
function dependencyTags({ name, version }: Product, entries: readonly Entry[]): Tag[] {
  const rpmlib = (1 << 24) | 8 | 2;
  const scripts = (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12);
  const needs: [name: string, flags: number, version: string][] = [
    ["(perl(Socket) or python3)", 0, ""],
    ["/bin/sh", scripts, ""],
    ["/usr/bin/getent", 1 << 9, ""],
    ["libstdc++.so.6()(64bit)", 0, ""],
    ["libc.so.6(GLIBC_2.28)(64bit)", 0, ""],
    ["rpmlib(CompressedFileNames)", rpmlib, "3.0.4-1"],
    ["rpmlib(FileDigests)", rpmlib, "4.6.0-1"],
    ["rpmlib(PayloadFilesHavePrefix)", rpmlib, "4.0-1"],
    ["rpmlib(PayloadIsZstd)", rpmlib, "5.4.18-1"],
    ["rpmlib(RichDependencies)", rpmlib, "4.12.0-1"],
    ["systemd", scripts, ""],
  ];
  const configs = entries.filter(({ isConfig }) => isConfig).length > 0 ? [`config(${name})`] : [];
  const provides = [...configs, name];
  return [
    [1047, { texts: provides }],
    [1048, { int32: needs.map(([, flags]) => flags) }],
    [1049, { texts: needs.map(([need]) => need) }],
    [1050, { texts: needs.map(([, , version]) => version) }],
    [1112, { int32: provides.map(() => 8) }],
    [1113, { texts: provides.map(() => `${version}-${release}`) }],
  ];
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
