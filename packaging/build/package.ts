import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempDisposableSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Bundle, bundle, manifestVersion } from "./bundle.ts";
import { gz } from "./compress.ts";
import { deb, debName } from "./deb.ts";
import { withParents } from "./entry.ts";
import { buildExecutable } from "./executable.ts";
import { type Arch, nodeLicense } from "./node-binary.ts";
import { debianFiles, debianScripts, rpmFiles, rpmScripts } from "./packages.ts";
import { commonFiles, copyright, program } from "./payload.ts";
import type { Product } from "./product.ts";
import { root } from "./root.ts";
import { rpm, rpmName } from "./rpm.ts";
import { sbom } from "./sbom.ts";
import { tar } from "./tar.ts";

const usage = `npm run package -- [--arch x64|arm64]... [--only deb|rpm|tar.gz]... [--level 1-19] [--out DIR] [--version V]
Builds Sonde for both architectures, as program, tar.gz, deb and rpm, in dist/. The same commit gives the same bytes.`;

const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true, default: ["x64", "arm64"] },
    only: { type: "string", multiple: true, default: ["deb", "rpm", "tar.gz"] },
    level: { type: "string", default: "19" },
    out: { type: "string", default: join(root, "dist") },
    version: { type: "string", default: manifestVersion() },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else await main();

async function main(): Promise<void> {
  const out = resolve(values.out);
  const at = Number(process.env.SOURCE_DATE_EPOCH ?? commitTime());
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const bundled = await bundle();
  const made = await Promise.all(values.arch.map((arch) => packagesFor(arch as Arch, bundled, at, out)));
  const extras: [string, string][] = [
    [`sonde-${values.version}.cdx.json`, sbom(at, bundled.packages)],
    [`sonde-${values.version}.cjs.map`, bundled.map],
  ];
  for (const [name, text] of extras) writeFileSync(join(out, name), text);
  const files = [...made.flat(), ...extras.map(([name]) => join(out, name))].toSorted();
  writeFileSync(join(out, "SHA256SUMS"), files.map((path) => `${sha256(path)}  ${basename(path)}\n`).join(""));
  for (const path of files) console.log(`${(readFileSync(path).length / 1e6).toFixed(1).padStart(6)} MB  ${path}`);
}

/** Writes the program and its packages for one architecture; the paths of what it has written. */
async function packagesFor(arch: Arch, { code, packages }: Bundle, at: number, out: string): Promise<string[]> {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "sonde-package-"));
  const executable = join(out, `sonde-linux-${arch}`);
  await buildExecutable(code, arch, executable, scratch.path);
  if (arch === process.arch) copyFileSync(executable, join(out, "sonde"));

  const product = describe(arch, at);
  const license = copyright(nodeLicense(), packages);
  const files = [...(await commonFiles()), program(executable)];
  const builders: Record<string, () => Promise<[name: string, bytes: Buffer]>> = {
    deb: async () => {
      const entries = [...files, ...(await debianFiles(product, license))];
      return [debName(product), await deb(product, entries, debianScripts())];
    },
    rpm: async () => [rpmName(product), await rpm(product, [...files, ...rpmFiles(license)], rpmScripts())],
    "tar.gz": async () => {
      const folder = `/sonde-${product.version}-linux-${arch}`;
      const moved = [...files, ...rpmFiles(license)].map((entry) => ({ ...entry, path: `${folder}${entry.path}` }));
      return [`${folder.slice(1)}.tar.gz`, await gz(tar(withParents(moved), at))];
    },
  };
  const built = await Promise.all(values.only.map((kind) => builders[kind]?.() ?? unknownKind(kind)));
  for (const [name, bytes] of built) writeFileSync(join(out, name), bytes);
  return [executable, ...built.map(([name]) => join(out, name))];
}

function describe(arch: Arch, at: number): Product {
  return {
    name: "sonde",
    version: values.version,
    arch,
    summary: "Telemetry agent for host metrics and scrapes",
    description: [
      "Sonde collects the metrics of a Linux host under the names of node_exporter,",
      "scrapes applications, and sends what it has to Prometheus by remote write,",
      "through a queue on disk that outlives restarts and outages.",
      "",
      "One program with one configuration takes the place of node_exporter and of a",
      "Prometheus agent.",
    ],
    maintainer: "Sonde maintainers <maintainers@sonde.example>",
    license: "Apache-2.0",
    at,
    level: Number(values.level),
  };
}

function unknownKind(kind: string): never {
  throw new Error(`there is no package of the kind ${kind}\n${usage}`);
}

function commitTime(): string {
  return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" });
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
