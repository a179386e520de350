import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debianRoot } from "../support/debian-root.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { runProcess, TestProcess } from "../support/process.ts";
import { root } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const dir = tempDir();
const out = join(dir.path, "dist");
/** Where the Debian package is unpacked: as it would be at `/`. */
const unpacked = join(dir.path, "root");
const command = join(unpacked, "usr/bin/sonde");

/** Packages of this machine's architecture. */
async function build(to: string): Promise<void> {
  const options = ["--arch", process.arch, "--only", "deb", "--only", "rpm", "--level", "1", "--out", to];
  const { code, stderr } = await runProcess(process.execPath, [join(root, "packaging/build/package.ts"), ...options]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  await build(out);
  execFileSync("dpkg-deb", ["--extract", only("*.deb"), unpacked]);
});

afterAll(() => dir.remove());

function only(pattern: string): string {
  return join(out, globSync(pattern, { cwd: out })[0] ?? pattern);
}

test("the Debian package holds what it should, with the rights that it should have", async () => {
  const { stdout } = await runProcess("dpkg-deb", ["--contents", only("*.deb")]);
  const entries = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^(\S+) (\S+) .* \.(\S+)$/, "$1 $2 $3"));
  const folders = /^drwxr-xr-x root\/root \/(etc\/(default\/)?|usr\/.*|var\/(lib\/)?)?$/;
  expect(entries.filter((entry) => !folders.test(entry))).toEqual([
    "-rw-r--r-- root/root /etc/default/sonde",
    "drwxr-x--- root/root /etc/sonde/",
    "drwxr-x--- root/root /etc/sonde/conf.d/",
    "-rw-r----- root/root /etc/sonde/sonde.yaml",
    "-rwxr-xr-x root/root /usr/bin/sonde",
    "-rw-r--r-- root/root /usr/lib/systemd/system/sonde-clock.socket",
    "-rw-r--r-- root/root /usr/lib/systemd/system/sonde-clock@.service",
    "-rw-r--r-- root/root /usr/lib/systemd/system/sonde-node-exporter.service",
    "-rw-r--r-- root/root /usr/lib/systemd/system/sonde.service",
    "-rw-r--r-- root/root /usr/lib/sysusers.d/sonde.conf",
    "-rwxr-xr-x root/root /usr/libexec/sonde/sonde-clock",
    "-rwxr-xr-x root/root /usr/libexec/sonde/sonde-notify",
    "-rw-r--r-- root/root /usr/share/doc/sonde/changelog.gz",
    "-rw-r--r-- root/root /usr/share/doc/sonde/copyright",
    "-rw-r--r-- root/root /usr/share/doc/sonde/examples/protected-logs.conf",
    "-rw-r--r-- root/root /usr/share/lintian/overrides/sonde",
    "-rw-r--r-- root/root /usr/share/man/man1/sonde.1.gz",
    "-rw-r--r-- root/root /usr/share/sonde/grafana/hosts.json",
    "-rw-r--r-- root/root /usr/share/sonde/grafana/logs.json",
    "-rw-r--r-- root/root /usr/share/sonde/grafana/sonde.json",
    "-rw-r--r-- root/root /usr/share/sonde/prometheus/host-rules.yaml",
    "-rw-r--r-- root/root /usr/share/sonde/prometheus/sonde-rules.yaml",
    "drwx------ root/root /var/lib/sonde/",
  ]);
  const control = join(dir.path, "control");
  execFileSync("dpkg-deb", ["--control", only("*.deb"), control]);
  expect(readFileSync(join(control, "conffiles"), "utf8")).toBe("/etc/default/sonde\n/etc/sonde/sonde.yaml\n");
  const sums = await runProcess("md5sum", ["--check", "--quiet", join(control, "md5sums")], { cwd: unpacked });
  expect(sums).toMatchObject({ code: 0, stdout: "" });
});

test("the program stays within 130 MB, and the package within 45 MB", () => {
  expect(statSync(command).size).toBeLessThan(130e6);
  expect(statSync(only("*.deb")).size).toBeLessThan(45e6);
});

test("the program is of the version that it says, and takes no options for Node from its environment", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const exit = await runProcess(command, ["--version"], { env: { NODE_OPTIONS: "--no-such-option" } });
  expect(exit).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("the config of the package has no mistake, neither as it is nor with its blocks switched on", async () => {
  const path = join(unpacked, "etc/sonde");
  expect(await runProcess(command, ["check", path])).toMatchObject({ code: 0, stderr: "" });
  const text = readFileSync(join(path, "sonde.yaml"), "utf8");
  const blocks = text.slice(text.indexOf("# -- Send"));
  const enabled = blocks.replace(/^# --.*$/gm, "").replace(/^# ?/gm, "");
  for (const id of ["prometheus.remote_write.central", "loki.source.journal.system", "loki.write.central"]) {
    expect(enabled).toContain(`\n${id}:\n`);
  }
  const all = text.slice(0, text.indexOf("# -- Send")) + enabled;
  await runProcess("tee", [join(dir.path, "all.yaml")], { input: all });
  for (const name of ["remote_write_password", "loki_password"]) {
    await runProcess("tee", [join(dir.path, name)], { input: "secret" });
  }
  const checked = await runProcess(command, ["check", join(dir.path, "all.yaml")], {
    env: { CREDENTIALS_DIRECTORY: dir.path },
  });
  expect(checked).toMatchObject({ code: 0, stderr: "" });
});

test("the unpacked program serves host metrics, its own pages, and reloads", async () => {
  const [page, api] = [await freePort(), await freePort()];
  const config = join(dir.path, "run.yaml");
  const shipped = readFileSync(join(unpacked, "etc/sonde/sonde.yaml"), "utf8");
  await runProcess("tee", [config], { input: shipped.replace("127.0.0.1:9100", `127.0.0.1:${page}`) });
  const address = ["--http.listen-address", `127.0.0.1:${api}`];
  await using agent = new TestProcess(command, ["run", config, "--storage.path", join(dir.path, "state"), ...address]);
  await agent.output(/Look at/);
  const metrics = await eventually(async () => (await fetch(`http://127.0.0.1:${page}/metrics`)).text());
  expect(metrics).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="idle"\} \d/m);
  expect(metrics).toMatch(/^sonde_build_info\{/m);
  for (const file of ["style.css", "refresh.js"]) {
    const answer = await fetch(`http://127.0.0.1:${api}/ui/${file}`);
    expect(await answer.text()).toBe(readFileSync(join(root, "src/http/ui", file), "utf8"));
  }
  expect(await runProcess(command, ["reload", ...address])).toMatchObject({ code: 0 });
  await runProcess("tee", ["--append", config], { input: "nonsense: 1\n" });
  expect(await runProcess(command, ["reload", ...address])).toMatchObject({ code: 1, stdout: "" });
});

test("what is loaded late is in the program too", async () => {
  const exit = await runProcess(command, ["node-exporter", "--version"]);
  expect(exit).toMatchObject({ code: 0 });
  expect(exit.stdout + exit.stderr).toContain("node_exporter, version");
});

test("the service of the clock answers as the collector asks", async () => {
  const { stdout } = await runProcess(join(unpacked, "usr/libexec/sonde/sonde-clock"), [], { input: "\n\n" });
  expect(stdout).toMatch(/^(\d+( -?\d+){20,}\n){2}$/);
});

test("the list of parts names Node and every package in the program", () => {
  const bom = JSON.parse(readFileSync(only("*.cdx.json"), "utf8"));
  const names = bom.components.map(({ name }: { name: string }) => name);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), "node"]));
  expect(names).not.toContain("esbuild");
  expect(bom.metadata.component.name).toBe("sonde");
});

test("a second build of the same commit gives the same bytes", async () => {
  const again = join(dir.path, "again");
  await build(again);
  const sums = (folder: string) => readFileSync(join(folder, "SHA256SUMS"), "utf8");
  expect(sums(again)).toBe(sums(out));
});

test("the checksums are those of the files", async () => {
  expect(await runProcess("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: out })).toMatchObject({ code: 0 });
});

const lintian = await debianRoot(["lintian"]);
const rpmTools = await debianRoot(["rpmlint", "rpm"]);

test.skipIf(lintian === undefined)(
  "lintian has nothing to say of the Debian package",
  async () => {
    const { stdout, stderr } = await lintian!.run(out, "lintian", "--allow-root", "--info", inRoot("*.deb"));
    expect(stdout + stderr).toBe("");
  },
  120_000,
);

describe.skipIf(rpmTools === undefined)("the rpm package", () => {
  const rpm = async (...args: readonly string[]) => await rpmTools!.run(out, "rpm", ...args, inRoot("*.rpm"));

  test("has checksums that are right, scripts and configs", async () => {
    const checked = await rpm("--checksig", "--verbose");
    expect(checked).toMatchObject({ code: 0 });
    const [, ...digests] = checked.stdout.trimEnd().split("\n");
    expect(digests).toEqual([expect.stringMatching(/Header.*OK$/), expect.stringMatching(/Payload.*OK$/)]);
    const { stdout: configs } = await rpm("--query", "--configfiles", "--package");
    expect(configs).toBe("/etc/default/sonde\n/etc/sonde/sonde.yaml\n");
    const { stdout } = await rpm("--query", "--scripts", "--package");
    expect(stdout.match(/^(preinstall|postinstall|preuninstall|postuninstall) scriptlet/gm)).toHaveLength(4);
  });

  test("leaves rpmlint with nothing to say", async () => {
    copyFileSync(join(root, "packaging/rpm/rpmlint.toml"), join(out, "rpmlint.toml"));
    const { stdout } = await rpmTools!.run(out, "rpmlint", "--config", "/mnt/rpmlint.toml", inRoot("*.rpm"));
    expect(stdout).toContain("0 errors, 0 warnings");
  });
});

function inRoot(pattern: string): string {
  return join("/mnt", basename(only(pattern)));
}
