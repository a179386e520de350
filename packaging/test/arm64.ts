import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unpackedPackages } from "../../test/support/debian-packages.ts";
import { freePort } from "../../test/support/http-server.ts";
import { root } from "../build/root.ts";

// npm run package:arm64: the program for arm64 that lies in dist/, its instructions carried out by qemu's user emulation
// and its libraries those of Debian for arm64. The kernel is this machine's.

const program = join(root, "dist/sonde-linux-arm64");
if (!existsSync(program)) throw new Error(`${program} is missing: npm run package first`);

const names = ["qemu-user", "libc6-arm64-cross", "libgcc-s1-arm64-cross", "libstdc++6-arm64-cross"] as const;
const packages = await unpackedPackages(names);
const folder = (name: (typeof names)[number], path: string) => join(packages.get(name) ?? "", path);
const libraries = names.slice(1).map((name) => folder(name, "usr/aarch64-linux-gnu/lib"));
const emulator = folder("qemu-user", "usr/bin/qemu-aarch64");
const prefix = [
  "-L",
  folder("libc6-arm64-cross", "usr/aarch64-linux-gnu"),
  "-E",
  `LD_LIBRARY_PATH=${libraries.join(":")}`,
];

using scratch = mkdtempDisposableSync(join(tmpdir(), "sonde-arm64-"));
const page = await freePort();
const received: Buffer[] = [];
const receiver = createServer((request, response) => {
  request.on("data", (piece: Buffer) => received.push(piece)).on("end", () => response.writeHead(204).end());
}).listen(0, "127.0.0.1");
await once(receiver, "listening");
const config = join(scratch.path, "sonde.yaml");
writeFileSync(
  config,
  `prometheus.exporter.unix.host: {}
prometheus.scrape.host: { targets: [prometheus.exporter.unix.host], scrape_interval: 5s, forward_to: [prometheus.remote_write.central] }
prometheus.expose.page: { targets: [prometheus.exporter.unix.host], listen_address: "127.0.0.1:${page}" }
prometheus.remote_write.central: { endpoints: [{ url: "http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/v1/write" }] }
`,
);

try {
  expect("--version", run("--version"), /^0\.1\.0$/m);
  expect("check", run("check", config), /is valid: 4 components/);
  await whileItRuns();
} finally {
  receiver.close();
}

async function whileItRuns(): Promise<void> {
  const args = ["run", config, "--storage.path", join(scratch.path, "state"), "--http.listen-address", "127.0.0.1:0"];
  const started = performance.now();
  const child = spawn(emulator, [...prefix, program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  try {
    expect(
      "a page of host metrics",
      await pageWith(`http://127.0.0.1:${page}/metrics`, /^node_uname_info/m),
      /^node_cpu_seconds_total/m,
    );
    for (let tries = 0; received.length === 0 && tries < 300; tries++) await sleep(100);
    const bytes = Buffer.concat(received).length;
    expect(
      "samples by remote write",
      `${bytes} bytes, ${Math.round((performance.now() - started) / 1000)} s after the start`,
      /^[1-9]/,
    );
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await ended;
  expect("an orderly end", `exit code ${code}`, /code 0$/);
}

/** The page once it has what is sought; what it had last after two minutes. */
async function pageWith(url: string, sought: RegExp): Promise<string> {
  let text = "";
  for (let tries = 0; !sought.test(text) && tries < 240; tries++) {
    await sleep(500);
    text = await fetch(url).then((response) => response.text(), String);
  }
  return text;
}

/** What it prints, errors too. */
function run(...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(emulator, [...prefix, program, ...args], { encoding: "utf8" });
  return `${stdout}${stderr}${status === 0 ? "" : `exit code ${status}`}`.trim();
}

function expect(what: string, found: string, sought: RegExp): void {
  if (!sought.test(found)) throw new Error(`${what}: ${found}`);
  console.log(`ok  ${what}${found.length < 80 ? `: ${found}` : `, ${found.split("\n").length} lines`}`);
}
