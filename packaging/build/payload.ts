import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { perl, python } from "../../src/engines/host/adjtimex.ts";
import { gz } from "./compress.ts";
import type { Entry } from "./entry.ts";
import { root } from "./root.ts";

const packaging = join(root, "packaging");

/** The files that the Debian package and the rpm package have in common, besides the program itself. */
export async function commonFiles(): Promise<Entry[]> {
  return [
    file("/etc/sonde/sonde.yaml", "config/sonde.yaml", { mode: 0o640, group: "sonde", isConfig: true }),
    file("/etc/default/sonde", "config/default", { isConfig: true }),
    folder("/etc/sonde", { mode: 0o750, group: "sonde" }),
    folder("/etc/sonde/conf.d", { mode: 0o750, group: "sonde" }),
    folder("/var/lib/sonde", { mode: 0o700, owner: "sonde", group: "sonde" }),
    file("/usr/lib/systemd/system/sonde.service", "systemd/sonde.service"),
    file("/usr/lib/systemd/system/sonde-node-exporter.service", "systemd/sonde-node-exporter.service"),
    file("/usr/lib/systemd/system/sonde-clock.socket", "systemd/sonde-clock.socket"),
    file("/usr/lib/systemd/system/sonde-clock@.service", "systemd/sonde-clock@.service"),
    file("/usr/lib/sysusers.d/sonde.conf", "systemd/sysusers.conf"),
    folder("/usr/libexec/sonde"),
    { path: "/usr/libexec/sonde/sonde-clock", content: Buffer.from(clockScript()), mode: 0o755 },
    file("/usr/libexec/sonde/sonde-notify", "systemd/sonde-notify", { mode: 0o755 }),
    {
      path: "/usr/share/man/man1/sonde.1.gz",
      content: await gz(readFileSync(join(packaging, "doc/sonde.1"))),
      mode: 0o644,
    },
    folder("/usr/share/doc/sonde"),
    folder("/usr/share/doc/sonde/examples"),
    file("/usr/share/doc/sonde/examples/protected-logs.conf", "systemd/protected-logs.conf"),
    folder("/usr/share/sonde"),
    ...filesOf("grafana"),
    ...filesOf("prometheus"),
  ];
}

export function program(path: string): Entry {
  return { path: "/usr/bin/sonde", content: readFileSync(path), mode: 0o755 };
}

/** Answers what the collector timex asks, by the programs that it would start itself. */
function clockScript(): string {
  return `#!/bin/sh
# Started by sonde-clock@.service.
set -eu

if command -v perl >/dev/null; then
  exec perl -e '${perl}'
fi
exec python3 -c '${python}'
`;
}

/** Sonde's own licence, that of Node, and those of the packages in the bundle. */
export function copyright(node: string, packages: readonly string[]): string {
  const licenses = packages.map((name) => {
    const folder = join(root, "node_modules", name);
    const found = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (found === undefined) throw new Error(`the package ${name} has no file with its licence`);
    return section(`The npm package ${name}`, readFileSync(join(folder, found), "utf8"));
  });
  const own = `Sonde, a telemetry agent.
Copyright: the authors of Sonde. License: Apache-2.0; on Debian systems its text is in
/usr/share/common-licenses/Apache-2.0.

The program /usr/bin/sonde contains Node.js and npm packages. Their licences follow.
`;
  return [own, ...licenses, section("Node.js", node)].join("\n");
}

/** Dashboards and rules, without their tests. */
function filesOf(name: string): Entry[] {
  const names = readdirSync(join(packaging, name)).filter((file) => /\.(json|yaml)$/.test(file));
  return [
    folder(`/usr/share/sonde/${name}`),
    ...names.map((file) => fileAt(`/usr/share/sonde/${name}/${file}`, join(packaging, name, file))),
  ];
}

function section(title: string, text: string): string {
  return `${"=".repeat(78)}\n${title}\n${"=".repeat(78)}\n\n${text.replaceAll("\r\n", "\n").trim()}\n`;
}

function file(path: string, source: string, more: Partial<Entry> = {}): Entry {
  return { ...fileAt(path, join(packaging, source)), ...more };
}

function fileAt(path: string, source: string): Entry {
  return { path, content: readFileSync(source), mode: 0o644 };
}

function folder(path: string, more: Partial<Entry> = {}): Entry {
  return { path, mode: 0o755, ...more };
}
