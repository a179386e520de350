import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectorNames } from "../../src/engines/host/collectors.ts";
import { makeCertificate } from "../support/certificate.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { type Exit, runProcess, TestProcess } from "../support/process.ts";
import { listening, programPath, startNodeExporter } from "../support/servers.ts";
import { root, sonde, startSondeNodeExporter } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** A password hash of "U*U", and the header that fits. */
const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const authorization = `Basic ${Buffer.from("alice:U*U").toString("base64")}`;

/** The real one and ours with the same flags, to their ends; a free port for those that would start. */
async function bothEnds(flags: readonly string[]): Promise<{ theirs: Exit; ours: Exit }> {
  const [theirs, ours] = await Promise.all([
    runProcess(await programPath("node_exporter"), flags),
    sonde(["node-exporter", ...flags]).exited,
  ]);
  return { theirs, ours };
}

/** Without the program's name, and what a stack trace would be. */
function refusal({ stderr }: Exit): string {
  return stderr.replace(/^(prometheus-node-exporter|node_exporter): /, "").trim();
}

await describeWithServers("sonde node-exporter beside a real node_exporter", ["node_exporter"], () => {
  test("has its flags: all of every collector that there is, and no other", async () => {
    const { theirs, ours } = await bothEnds(["--help"]);
    expect(ours.code).toBe(0);
    const want = flagsIn(theirs.stdout).filter(isExpected);
    const got = flagsIn(ours.stdout);
    expect(want.filter((flag) => !got.includes(flag))).toEqual([]);
    expect(got.filter((flag) => !flagsIn(theirs.stdout).includes(flag) && !isNewer(flag))).toEqual([]);
  });

  test.each([
    "--foo",
    "--no-foo",
    "foo",
    "-x",
    "-",
    "-- --version",
    "--collector.cpu=false",
    "--web.listen-address",
    "--web.listen-address --version",
    "--no-web.listen-address",
    "--collector.cpu --collector.cpu",
    "--web.telemetry-path=/a --web.telemetry-path=/b",
    "--log.level=foo",
    "--log.format=foo",
    "--web.max-requests=abc",
    "--collector.filesystem.mount-timeout=foo",
    "--help --foo",
    "@/nonexistent",
  ])("refuses `%s` as it does", async (line) => {
    const { theirs, ours } = await bothEnds(line.split(" "));
    expect([ours.code, ours.stdout, refusal(ours)]).toEqual([theirs.code, theirs.stdout, refusal(theirs)]);
  });

  test.each([
    ["--collector.vmstat.fields=(", /missing closing \)/],
    ["--collector.netdev.device-include=a --collector.netdev.device-exclude=b", /device-exclude/],
    ["--collector.filesystem.ignored-mount-points=a --collector.filesystem.mount-points-exclude=b", /are mutually/],
    // One collector alone: of several, node_exporter names the one that it happens to make first.
    [
      "--collector.disable-defaults --collector.stat --path.procfs=/nonexistent",
      /failed to open procfs: could not read "\/nonexistent"/,
    ],
    ["--web.listen-address=foo", /listen tcp: address foo: missing port in address/],
    ["--web.systemd-socket", /no socket activation file descriptors found/],
    ["--web.listen-address=127.0.0.1:0 --web.config.file=/nonexistent", /no such file or directory/],
  ])("ends with the same code for `%s`, and says why", async (line, reason) => {
    const { theirs, ours } = await bothEnds(line.split(" "));
    expect(ours.code).toBe(theirs.code);
    expect(theirs.stderr).toMatch(reason);
    expect(ours.stderr).toMatch(reason);
  });

  test("answers with its headers, its landing page and its 404", async () => {
    await using theirs = await startNodeExporter();
    await using ours = await startSondeNodeExporter();
    const answer = async (url: string) => {
      const response = await fetch(url);
      const header = (name: string) => response.headers.get(name);
      return { status: response.status, type: header("content-type"), encoding: header("content-encoding") };
    };
    for (const path of ["/metrics", "/", "/nothing", "/metrics?collect[]=nobody"]) {
      expect(await answer(ours.url + path), path).toEqual(await answer(theirs.url + path));
    }
    const links = async (url: string) =>
      [...(await (await fetch(url)).text()).matchAll(/<a href="(\/[^"]*)"/g)].map(([, to]) => to);
    expect(await links(ours.url)).toEqual((await links(theirs.url)).filter((link) => !link?.startsWith("/debug/")));
  });

  test("has its process_* and promhttp_* families, and drops them by the same flag", async () => {
    await using theirs = await startNodeExporter();
    await using ours = await startSondeNodeExporter();
    const own = async (url: string) =>
      (await (await fetch(`${url}/metrics`)).text()).match(/^# .*\b(process|promhttp)_.*$/gm) ?? [];
    const families = await own(ours.url);
    expect(families).toEqual(await own(theirs.url));
    expect(families.length).toBeGreaterThan(10);
    await using quiet = await startSondeNodeExporter(["--web.disable-exporter-metrics"]);
    expect(await own(quiet.url)).toEqual([]);
  });
});

function flagsIn(help: string): string[] {
  return [...help.matchAll(/^ {2}(?:-h,| {3}) --(?:\[no-\])?([a-zA-Z0-9._-]+)/gm)].map(([, name = ""]) => name);
}

/** Not of a collector that Sonde has not, and not what serves upstream's own tests. */
function isExpected(flag: string): boolean {
  if (flag.endsWith(".fixtures")) return false;
  const [, name = ""] = /^collector\.([^.]+)/.exec(flag) ?? [];
  const owner = { powersupply: "powersupplyclass", netclass_rtnl: "netclass" }[name] ?? name;
  return name === "" || name === "disable-defaults" || collectorNames.includes(owner);
}

/** What node_exporter 1.12 has and 1.11, which Debian ships, has not. */
function isNewer(flag: string): boolean {
  return /^collector\.(dmmultipath|nvmesubsystem|infiniband\.device-(in|ex)clude)$/.test(flag);
}

test("prints a version that scripts can read", async () => {
  const { code, stdout } = await sonde(["node-exporter", "--version"]).exited;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^node_exporter, version 1\.12\.1 \(/);
});

test("listens on every address it is told, and stops on SIGTERM", async () => {
  const flags = ["--web.listen-address=127.0.0.1:0", "--web.listen-address=[::1]:0", "--web.telemetry-path=/m"];
  await using child = sonde(["node-exporter", ...flags]);
  await child.output(/msg="TLS is disabled.*\n[\s\S]*msg="TLS is disabled/);
  const addresses = [...child.stderr.matchAll(/msg="Listening on" address=(\S+)/g)].map(([, address]) => address);
  expect(addresses).toHaveLength(2);
  for (const address of addresses) {
    const response = await fetch(`http://${address}/m?collect[]=loadavg`);
    expect(await response.text()).toContain("node_load1 ");
  }
  expect(await child.stop()).toMatchObject({ code: 0 });
});

test("a port that is taken ends it", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await sonde(["node-exporter", `--web.listen-address=127.0.0.1:${port}`]).exited;
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: the address is in use`);
});

test("serves on the socket that systemd hands over", async () => {
  const socket = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => socket.once("listening", resolve));
  const { port } = socket.address() as { port: number };
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const command = `LISTEN_PID=$$ LISTEN_FDS=1 exec "${join(root, "bin/sonde")}" node-exporter --web.systemd-socket`;
  await using child = new TestProcess("sh", ["-c", command], { inherit: fd });
  await child.output(/TLS is disabled/);
  // Otherwise this process might take the connection.
  socket.close();
  const response = await fetch(`http://127.0.0.1:${port}/metrics?collect[]=loadavg`);
  expect(await response.text()).toContain("node_load1 ");
});

test("asks for a certificate and a password where the web config says so", async () => {
  using dir = tempDir();
  const server = makeCertificate(dir.path);
  const client = makeCertificate(dir.path, "client");
  const webConfig = join(dir.path, "web.yml");
  writeFileSync(
    webConfig,
    `tls_server_config: { cert_file: server.crt, key_file: server.key, client_ca_file: client.crt, client_auth_type: RequireAndVerifyClientCert }
basic_auth_users: { alice: "${hash}" }
rate_limit: { interval: 1h, burst: 2 }
`,
  );
  const child = sonde(["node-exporter", "--web.listen-address=127.0.0.1:0", `--web.config.file=${webConfig}`]);
  await using exporter = await listening(child, /TLS is enabled/);
  const url = `${exporter.url.replace("http", "https")}/metrics?collect[]=loadavg`;
  const get = (options: object) =>
    new Promise<number | string>((resolve) => {
      request(url, { ca: server.cert, agent: false, ...options }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      })
        .on("error", () => resolve("no connection"))
        .end();
    });
  const known = { cert: client.cert, key: client.key };
  expect(await get({ headers: { authorization } })).toBe("no connection");
  expect(await get(known)).toBe(401);
  expect(await get({ ...known, headers: { authorization } })).toBe(200);
  expect(await get({ ...known, headers: { authorization } })).toBe(429);
});
