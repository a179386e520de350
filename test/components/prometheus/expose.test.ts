import { writeFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { expect, test } from "vitest";
import { prometheusExpose } from "../../../src/components/prometheus/expose.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricFamily } from "../../../src/signals/metric-family.ts";
import { type Gather, GatherQueryError, type Target } from "../../../src/signals/targets.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type Harness, harness } from "../../support/component-harness.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

const up: MetricFamily = { name: "up", help: "Up.", type: "gauge", samples: [{ name: "up", labels: [], value: 1 }] };
const upPage = "# HELP up Up.\n# TYPE up gauge\nup 1\n";

function exporter(id = "prometheus.exporter.unix.host", gather: Gather = () => Promise.resolve([up])): Target {
  return { labels: labelsFrom({ __address__: "vm", __meta_component_id: id, job: "integrations/unix" }), gather };
}

interface Exposed extends Harness, AsyncDisposable {
  readonly url: () => string;
  /** Resolves when the component has set its health again. */
  readonly healthSet: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The component at work; it listens when this resolves, unless the port is taken. */
async function expose(config: object, targets: readonly Target[] = [exporter()], configDir?: string): Promise<Exposed> {
  let wake = () => {};
  const nothing = { receive: () => Promise.resolve() };
  const all = { listen_address: "127.0.0.1:0", disable_exporter_metrics: true, ...config };
  const onHealth = () => wake();
  const made = harness(prometheusExpose, all, nothing, { ...(configDir !== undefined && { configDir }), onHealth });
  const healthSet = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const { running } = made;
  await running.input?.receive([{ source: "a", targets }]);
  const stopping = new AbortController();
  const done = running.run?.(stopping.signal);
  // Whoever stops it is told.
  done?.catch(() => {});
  const shown = () => running.debug?.() as { url: string; listening: boolean };
  const unhealthy = healthSet();
  while (!shown().listening && !made.health().reason?.startsWith("cannot")) {
    await Promise.race([unhealthy, new Promise((resolve) => setImmediate(resolve))]);
  }
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  return { ...made, url: () => shown().url, healthSet, stop, [Symbol.asyncDispose]: stop };
}

async function told(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${await response.text()}`;
}

test("exporters are served as node_exporter serves them", async () => {
  await using page = await expose({});
  const response = await fetch(page.url());
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(await response.text()).toBe(upPage);
  expect(await told(page.url(), { method: "POST" })).toBe(`200 ${upPage}`);
  expect(page.running.debug?.()).toEqual({
    url: page.url(),
    listening: true,
    exporters: ["prometheus.exporter.unix.host"],
    requests: { 200: 2 },
  });
});

test("the root links to the page, and nothing else is there", async () => {
  await using page = await expose({ telemetry_path: "/m" });
  const root = page.url().replace(/\/m$/, "");
  expect(await told(`${root}/m?x`)).toBe(`200 ${upPage}`);
  expect(await told(root)).toContain('<a href="/m">Metrics</a>');
  expect(await told(`${root}/metrics`)).toBe("404 404 page not found\n");
  expect(await told(`${root}/-/healthy`)).toBe("404 404 page not found\n");
});

test("a query that no exporter can answer is a 400", async () => {
  const words = "Combined collect and exclude queries are not allowed.";
  await using page = await expose({}, [exporter("a", () => Promise.reject(new GatherQueryError(words)))]);
  expect(await told(`${page.url()}?collect[]=cpu&exclude[]=cpu`)).toBe(`400 ${words}`);
});

test("a target without an exporter is refused by name, and the others are served", async () => {
  const foreign: Target = { labels: labelsFrom({ __address__: "localhost:8080" }) };
  await using page = await expose({}, [exporter(), foreign]);
  expect(page.health()).toEqual({
    state: "unhealthy",
    reason:
      "localhost:8080 is not an exporter of this process and cannot be served here; let Prometheus scrape it directly",
  });
  expect(await told(page.url())).toBe(`200 ${upPage}`);
  await page.running.input?.receive([{ source: "a", targets: [exporter()] }]);
  expect(page.health()).toEqual({ state: "healthy" });
});

test("an exporter that comes by two ways is served once", async () => {
  const one = exporter();
  await using page = await expose({}, [one, { ...one }]);
  expect(await told(page.url())).toBe(`200 ${upPage}`);
  expect(page.logs).toEqual([]);
});

test("a taken port is told once, tried again, and served as soon as it is free", async () => {
  const port = await freePort();
  const squatter = await startHttpServer((_, response) => response.end(), { port });
  await using page = await expose({ listen_address: `127.0.0.1:${port}` });
  const reason =
    `cannot listen on 127.0.0.1:${port}: the address is in use ` +
    "(is node_exporter or another sonde running? set listen_address)";
  expect(page.health()).toEqual({ state: "unhealthy", reason });
  expect(page.running.debug?.()).toMatchObject({ url: `http://127.0.0.1:${port}/metrics`, listening: false });
  for (let n = 0; n < 3; n++) await page.clock.advance(30_000);
  expect(page.logs).toEqual([{ level: "error", message: "metrics are not served", fields: { reason } }]);
  await squatter.close();
  const healthy = page.healthSet();
  await page.clock.advance(30_000);
  await healthy;
  expect(page.health()).toEqual({ state: "healthy" });
  expect(await told(page.url())).toBe(`200 ${upPage}`);
});

test("an open port without a web config is warned of", async () => {
  await using page = await expose({ listen_address: ":0" });
  expect(page.logs).toEqual([
    {
      level: "warn",
      message: "everybody who reaches this address can read the metrics; listen on 127.0.0.1 or set web_config_file",
      fields: { address: ":0" },
    },
  ]);
  expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

/** The password is "U*U". */
const users = "basic_auth_users: { alice: $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW }\n";

function login(text: string): RequestInit {
  return { headers: { Authorization: `Basic ${Buffer.from(text).toString("base64")}` } };
}

test("the web config's users are asked for their password, its headers are sent", async () => {
  using dir = tempDir();
  writeFileSync(join(dir.path, "web.yml"), `${users}http_server_config: { headers: { X-Frame-Options: deny } }`);
  await using page = await expose({ web_config_file: "web.yml" }, [exporter()], dir.path);
  const refused = await fetch(page.url());
  expect([refused.status, await refused.text()]).toEqual([401, "Unauthorized\n"]);
  expect(refused.headers.get("www-authenticate")).toBe("Basic");
  expect(refused.headers.get("x-frame-options")).toBe("deny");
  expect(await told(page.url(), login("alice:wrong"))).toBe("401 Unauthorized\n");
  expect(await told(page.url(), login("bob:U*U"))).toBe("401 Unauthorized\n");
  const allowed = await fetch(page.url(), login("alice:U*U"));
  expect([allowed.status, await allowed.text()]).toEqual([200, upPage]);
  expect(allowed.headers.get("x-frame-options")).toBe("deny");
});

test("the rate limit comes before the users", async () => {
  using dir = tempDir();
  writeFileSync(join(dir.path, "web.yml"), `${users}rate_limit: { interval: 1s, burst: 2 }`);
  await using page = await expose({ web_config_file: join(dir.path, "web.yml") });
  expect(await told(page.url())).toBe("401 Unauthorized\n");
  expect(await told(page.url(), login("alice:U*U"))).toBe(`200 ${upPage}`);
  expect(await told(page.url(), login("alice:U*U"))).toBe("429 Too Many Requests\n");
  await page.clock.advance(1000);
  expect(await told(page.url(), login("alice:U*U"))).toBe(`200 ${upPage}`);
});

test("the web config is read again for every request; while it is broken nobody gets anything", async () => {
  using dir = tempDir();
  const file = join(dir.path, "web.yml");
  writeFileSync(file, users);
  await using page = await expose({ web_config_file: file });
  expect(await told(page.url())).toBe("401 Unauthorized\n");

  writeFileSync(file, "basic_auth_user: {}");
  expect(await told(page.url(), login("alice:U*U"))).toBe("500 Internal Server Error\n");
  expect(await told(page.url())).toBe("500 Internal Server Error\n");
  const reason = `cannot use web_config_file ${file}: unrecognized key: "basic_auth_user"`;
  expect(page.health()).toEqual({ state: "unhealthy", reason });
  expect(page.logs).toEqual([{ level: "error", message: "metrics are not served", fields: { reason } }]);

  writeFileSync(file, "");
  expect(await told(page.url())).toBe(`200 ${upPage}`);
  expect(page.health()).toEqual({ state: "healthy" });
  expect(page.logs.slice(1)).toEqual([{ level: "info", message: "metrics are served again", fields: {} }]);
});

test("a web config that is missing from the start is told, and nothing is served", async () => {
  await using page = await expose({ web_config_file: "/nowhere/web.yml" });
  expect(page.health()).toEqual({
    state: "unhealthy",
    reason: "cannot use web_config_file /nowhere/web.yml: ENOENT: no such file or directory, open '/nowhere/web.yml'",
  });
});

/** A new connection each time, so that every one shakes hands. Resolves with code and body, or with the error's code. */
function askOnce(url: string, options: ConnectionOptions = {}): Promise<string> {
  const request = url.startsWith("https:") ? secureRequest : plainRequest;
  return new Promise((resolve) => {
    const sent = request(url, { ...options, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${body}`));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });
}

test("TLS is spoken, and a renewed certificate is shown without a reload", async () => {
  using dir = tempDir();
  const { cert: first } = makeCertificate(dir.path);
  const file = join(dir.path, "web.yml");
  writeFileSync(file, "tls_server_config: { cert_file: server.crt, key_file: server.key }");
  await using page = await expose({ web_config_file: file });
  expect(page.url()).toMatch(/^https:/);
  expect(await askOnce(page.url(), { ca: first })).toBe(`200 ${upPage}`);
  expect(await askOnce(page.url().replace("https:", "http:"))).toMatch(/^ECONNRESET$|hang up/);

  const { cert: renewed } = makeCertificate(dir.path);
  await askOnce(page.url(), { ca: first });
  expect(await askOnce(page.url(), { ca: renewed })).toBe(`200 ${upPage}`);
  expect(await askOnce(page.url(), { ca: first })).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(page.logs).toEqual([]);
});

test("a renewed certificate is shown even when nobody has asked meanwhile", async () => {
  using dir = tempDir();
  makeCertificate(dir.path);
  const file = join(dir.path, "web.yml");
  writeFileSync(file, "tls_server_config: { cert_file: server.crt, key_file: server.key }");
  await using page = await expose({ web_config_file: file });
  const { cert: renewed } = makeCertificate(dir.path);
  let answer = "";
  while (!answer.startsWith("200")) {
    await page.clock.advance(5000);
    answer = await askOnce(page.url(), { ca: renewed });
  }
  expect(answer).toBe(`200 ${upPage}`);
});

test("turning TLS on closes the plain port before it serves anything more in the clear", async () => {
  using dir = tempDir();
  const { cert } = makeCertificate(dir.path);
  const file = join(dir.path, "web.yml");
  writeFileSync(file, "");
  const listen_address = `127.0.0.1:${await freePort()}`;
  await using page = await expose({ web_config_file: file, listen_address });
  expect(await askOnce(page.url())).toBe(`200 ${upPage}`);

  writeFileSync(file, "tls_server_config: { cert_file: server.crt, key_file: server.key }");
  expect(await askOnce(page.url())).toBe("503 the web config has changed, try again\n");
  while (!page.url().startsWith("https:")) await new Promise((resolve) => setImmediate(resolve));
  expect(await askOnce(page.url(), { ca: cert })).toBe(`200 ${upPage}`);
});

test("client certificates are asked for as the web config says", async () => {
  using dir = tempDir();
  const server = makeCertificate(dir.path);
  const known = makeCertificate(dir.path, "known");
  const stranger = makeCertificate(dir.path, "stranger");
  const file = join(dir.path, "web.yml");
  const listen_address = `127.0.0.1:${await freePort()}`;

  async function f(type: string, want: { none: boolean; known: boolean; stranger: boolean }): Promise<void> {
    const ca = /Verify/.test(type) ? ", client_ca_file: known.crt" : "";
    writeFileSync(
      file,
      `tls_server_config: { cert_file: server.crt, key_file: server.key${ca}, client_auth_type: ${type} }`,
    );
    await using page = await expose({ web_config_file: file, listen_address });
    const comesIn = async (client: ConnectionOptions) =>
      (await askOnce(page.url(), { ca: server.cert, ...client })) === `200 ${upPage}`;
    expect({
      none: await comesIn({}),
      known: await comesIn({ cert: known.cert, key: known.key }),
      stranger: await comesIn({ cert: stranger.cert, key: stranger.key }),
    }).toEqual(want);
  }

  await f("NoClientCert", { none: true, known: true, stranger: true });
  await f("RequestClientCert", { none: true, known: true, stranger: true });
  await f("RequireAnyClientCert", { none: false, known: true, stranger: true });
  await f("VerifyClientCertIfGiven", { none: true, known: true, stranger: false });
  await f("RequireAndVerifyClientCert", { none: false, known: true, stranger: false });
});

test("versions and cipher suites are those of the web config", async () => {
  using dir = tempDir();
  const { cert: ca } = makeCertificate(dir.path);
  const file = join(dir.path, "web.yml");
  writeFileSync(
    file,
    "tls_server_config: { cert_file: server.crt, key_file: server.key, max_version: TLS12, " +
      "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384], curve_preferences: [CurveP256] }",
  );
  await using page = await expose({ web_config_file: file });
  expect(await askOnce(page.url(), { ca })).toBe(`200 ${upPage}`);
  const refused = /^(EPROTO|ERR_SSL_)/;
  expect(await askOnce(page.url(), { ca, minVersion: "TLSv1.3" })).toMatch(refused);
  expect(await askOnce(page.url(), { ca, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" })).toMatch(refused);
  expect(await askOnce(page.url(), { ca, ecdhCurve: "P-384" })).toMatch(refused);
});

test("a key that does not belong to the certificate is told", async () => {
  using dir = tempDir();
  makeCertificate(dir.path);
  makeCertificate(dir.path, "other");
  const file = join(dir.path, "web.yml");
  writeFileSync(file, "tls_server_config: { cert_file: server.crt, key_file: other.key }");
  await using page = await expose({ web_config_file: file });
  expect(page.health().reason).toMatch(/^cannot use web_config_file .*: tls_server_config: .*key values mismatch/);
});

test("a bug of an exporter is a 500, and ends the component", async () => {
  const bug = new Error("BUG: impossible");
  const page = await expose({}, [
    exporter("a", () => {
      throw bug;
    }),
  ]);
  expect(await told(page.url())).toBe("500 internal error; the agent's log says more\n");
  await expect(page.stop()).rejects.toBe(bug);
});

test("when it stops, the port is free and no timer is left", async () => {
  const page = await expose({});
  const port = Number(new URL(page.url()).port);
  await page.stop();
  const next = await startHttpServer((_, response) => response.end(), { port });
  await next.close();
  expect(page.clock.pending).toBe(0);
});

test("a mistake in the config is told with its place", () => {
  const f = (config: object, want: string) => {
    const { error } = prometheusExpose.config.safeParse(config);
    expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([want]);
  };

  f({ listen_address: "9100" }, 'listen_address: "9100" is not a listen address; write host:port or :port');
  f({ telemetry_path: "metrics" }, "telemetry_path: a path begins with /");
  f({ web_config_file: "" }, "web_config_file: a file name cannot be empty");
});
