import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lokiWrite } from "../../../src/components/loki/write.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { harness } from "../../support/component-harness.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { freePort } from "../../support/http-server.ts";
import { type LogRow, logRows } from "../../support/log-rows.ts";
import { type StrictLokiOptions, startStrictLoki } from "../../support/strict-loki.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

const nowhere = { receive: () => Promise.reject(new Error("there is nothing behind a loki.write")) };

const start = Date.UTC(2026, 0, 1);
const t0 = BigInt(start) * 1_000_000n;
const hour = 3_600_000_000_000n;

/** A Loki that lives at the time of the test. */
const startLoki = (options: StrictLokiOptions = {}) => startStrictLoki({ now: () => start, ...options });

/** Nothing is synced: the clock would not wait for a real disk. */
const unsynced = { queue_config: { sync: "os" } };

/** A component that runs until the end of the block. Its queue is removed with it, unless the test has a folder for it. */
function running(config: object, dataDir?: string) {
  const own = dataDir === undefined ? tempDir() : undefined;
  const folder = dataDir ?? own?.path ?? "";
  const h = harness(lokiWrite, { ...unsynced, ...config }, nowhere, { dataDir: folder });
  const stop = new AbortController();
  let isEnded = false;
  const ended = h.running.run?.(stop.signal).then(() => {
    isEnded = true;
  });
  const receive = (stream: Record<string, string>, ...rows: LogRow[]) =>
    h.running.input?.receive(logRows(stream, ...rows)) ?? Promise.resolve();
  return {
    ...h,
    folder,
    receive,
    /** Each line in a request of its own, in the queue when this resolves. */
    async send(...lines: LogRow[]): Promise<void> {
      for (const line of lines) {
        const received = receive({ app: "a" }, line);
        await h.clock.advance(1000);
        await received;
      }
    },
    metric(name: string): Record<string, number> {
      return Object.fromEntries(Object.entries(h.metrics).filter(([key]) => key.startsWith(`${name}{`)));
    },
    backlog: (endpoint: string) => h.running.queue?.().endpoints.find(({ name }) => name === endpoint)?.records,
    message: (text: string) => h.logs.filter(({ message }) => message === text).map(({ fields }) => fields),
    stop: () => stop.abort(),
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort();
      // The disk is real, and the clock is not: turned at once, it would give up a queue that is about to close.
      for (let turn = 0; turn < 30_000 && !isEnded; turn++) await turnOfEventLoop();
      if (!isEnded) await h.clock.advance(12_000);
      await ended;
      own?.remove();
    },
  };
}

/** Turns the clock until it is so, minutes if need be, and leaves real sockets and disks their time in between. */
async function minutesUntil(isReached: () => boolean, clock: FakeClock): Promise<void> {
  for (let step = 0; step < 2000; step++) {
    for (let turn = 0; turn < 100; turn++) {
      if (isReached()) return;
      await turnOfEventLoop();
    }
    await clock.advance(250);
  }
  throw new Error(`not reached within minutes: ${isReached}`);
}

const endpointOf = ({ url }: { readonly url: string }, more: object = {}) => ({ url, name: "central", ...more });

describe("a request", () => {
  test("has the entries of a second, with their labels and structured metadata", async () => {
    await using loki = await startLoki();
    await using h = running({ endpoints: [endpointOf(loki)], external_labels: { env: "prod", app: "none" } });
    let isAcknowledged = false;
    const received = Promise.all([
      h.receive({ app: "a", __path__: "/p" }, [t0 + 1n, "one", { trace: "1f" }], [t0 + 2n, "two"]),
      h.receive({ job: "b" }, [t0, "ünï\u0001 ☃ 😀"]),
    ]).then(() => {
      isAcknowledged = true;
    });
    await h.clock.advance(999);
    expect([isAcknowledged, loki.requests]).toEqual([false, []]);
    await h.clock.advance(1);
    await received;
    await loki.entryCount(3);
    const tenant = "fake";
    expect(loki.entries).toEqual([
      { tenant, stream: ["app", "a", "env", "prod"], timestamp: t0 + 1n, line: "one", metadata: ["trace", "1f"] },
      { tenant, stream: ["app", "a", "env", "prod"], timestamp: t0 + 2n, line: "two", metadata: [] },
      {
        tenant,
        stream: ["app", "none", "env", "prod", "job", "b"],
        timestamp: t0,
        line: "ünï\u0001 ☃ 😀",
        metadata: [],
      },
    ]);
    expect(loki.requests.map(({ headers }) => headers)).toMatchObject([
      { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
    ]);
    expect(loki.requests[0]?.headers).not.toHaveProperty("x-scope-orgid");
  });

  test("is sent as soon as it is large enough, and has as many streams as it may have", async () => {
    await using loki = await startLoki();
    await using h = running({ endpoints: [endpointOf(loki)], batch_size: "1KiB", max_streams: 2 });
    const received = h.receive({ app: "a" }, "x".repeat(600), "y".repeat(600), "z");
    for (const app of ["b", "c"]) void h.receive({ app }, "short");
    await loki.requestCount(2);
    await h.clock.advance(1000);
    await received;
    await loki.entryCount(5);
    expect(loki.requests.map(({ streams }) => streams.map(({ entries }) => entries.length))).toEqual([
      [1],
      [2, 1],
      [1],
    ]);
  });

  test("is JSON with gzip where that is wanted", async () => {
    await using loki = await startLoki();
    await using h = running({ endpoints: [endpointOf(loki, { encoding: "json" })] });
    await h.send([t0, "one", { trace: "1f" }]);
    await loki.entryCount(1);
    expect(loki.requests[0]?.headers).toMatchObject({ "content-type": "application/json", "content-encoding": "gzip" });
    expect(loki.entries[0]).toMatchObject({ line: "one", metadata: ["trace", "1f"] });
  });

  test("is of one tenant: that of its streams, or that of the endpoint", async () => {
    await using loki = await startLoki({ authEnabled: true });
    await using h = running({ endpoints: [endpointOf(loki, { tenant_id: "own" })] });
    const received = Promise.all([
      h.receive({ app: "a", __tenant_id__: "x" }, "1"),
      h.receive({ app: "a" }, "2"),
      h.receive({ app: "a", __tenant_id__: "x" }, "3"),
    ]);
    await h.clock.advance(1000);
    await received;
    await loki.entryCount(3);
    expect([loki.lines("x"), loki.lines("own")]).toEqual([{ '{app="a"}': ["1", "3"] }, { '{app="a"}': ["2"] }]);
    await turnsUntil(() => Object.keys(h.metric("sentEntries")).length === 2);
    const host = `127.0.0.1:${loki.port}`;
    expect(h.metric("sentEntries")).toEqual({
      [`sentEntries{endpoint="central",host="${host}",tenant="x"}`]: 2,
      [`sentEntries{endpoint="central",host="${host}",tenant="own"}`]: 1,
    });
  });

  test("goes by TLS, with the credentials and headers of the config", async () => {
    using dir = tempDir();
    const { key, cert } = makeCertificate(dir.path);
    await using loki = await startLoki({ tls: { key, cert } });
    const endpoint = endpointOf(loki, {
      basic_auth: { username: "agent", password: "secret" },
      headers: { "X-Team": "a" },
      tls_config: { insecure_skip_verify: true },
    });
    await using h = running({ endpoints: [endpoint] });
    await h.send("one");
    await loki.entryCount(1);
    expect(loki.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("agent:secret").toString("base64")}`,
      "x-team": "a",
    });
  });
});

describe("an endpoint", () => {
  test("in trouble gets the same entries again, in their order, and none twice", async () => {
    await using loki = await startLoki();
    loki.answer({ status: 500, body: "empty ring" });
    await using h = running({ endpoints: [endpointOf(loki)] });
    await h.send("1", "2", "3");
    await turnsUntil(() => h.message("cannot deliver, retrying").length > 0);
    loki.answer({ status: 429, headers: { "Retry-After": "7" }, body: "ingestion rate limit exceeded" });
    const requests = loki.requests.length;
    await minutesUntil(() => loki.requests.length > requests, h.clock);
    await turnsUntil(() => (h.running.queue?.().endpoints[0]?.lastError ?? "").includes("ingestion rate"));
    loki.answer();
    const limited = loki.requests.length;
    await h.clock.advance(6700);
    expect(loki.requests.length).toBe(limited);
    await h.clock.advance(300);
    await loki.entryCount(3);
    expect([loki.lines(), loki.duplicates]).toEqual([{ '{app="a"}': ["1", "2", "3"] }, 0]);
    await turnsUntil(() => h.backlog("central") === 0);
    expect(Object.keys(h.metric("dropped"))).toEqual([]);
  });

  test("that refuses entries gets the others, and what it said is written down", async () => {
    await using loki = await startLoki();
    await using h = running({ endpoints: [endpointOf(loki, { tenant_id: "t" })] });
    const received = Promise.all([
      h.receive({ app: "a" }, [t0, "1"], [t0 - 200n * hour, "old"], [t0 + 1n, "2"], [t0 + hour, "new"], [t0 + 2n, "3"]),
      h.receive({ app: "b" }, [t0, "4"], [t0 + 1n, "x".repeat(300_000)]),
    ]);
    await h.clock.advance(1000);
    await received;
    await turnsUntil(() => h.backlog("central") === 0);
    expect(loki.lines()).toEqual({ '{app="a"}': ["1", "2", "3"], '{app="b"}': ["4"] });
    const labels = `endpoint="central",host="127.0.0.1:${loki.port}",tenant="t"`;
    expect(h.metric("dropped")).toEqual({ [`dropped{${labels},reason="ingester_error"}`]: 3 });
    expect(h.metric("sentEntries")).toEqual({ [`sentEntries{${labels}}`]: 4 });
    h.stop();
    await h.ended;
    const letters = readFileSync(join(h.folder, "dead-letters.jsonl"), "utf8").trimEnd().split("\n");
    expect(letters.map((letter) => JSON.parse(letter))).toMatchObject([
      {
        time: "2026-01-01T00:00:01.000Z",
        endpoint: "central",
        url: loki.url,
        tenant: "t",
        status: 400,
        reason:
          "HTTP 400: entry for stream '{app=\"a\"}' has timestamp too old: 2025-12-23T16:00:00.000Z, oldest acceptable " +
          "timestamp is: 2025-12-25T00:00:00.000Z",
        stream: { app: "a" },
        values: [[String(t0 - 200n * hour), "old"]],
      },
      { reason: expect.stringContaining("has timestamp too new"), values: [[String(t0 + hour), "new"]] },
      { reason: expect.stringContaining("max entry size '262144' bytes exceeded"), stream: { app: "b" } },
    ]);
  });

  test("whose rate limit is not to be waited out loses what is beyond it, counted", async () => {
    await using loki = await startLoki();
    loki.answer({ status: 429, body: "Per stream rate limit exceeded" });
    await using h = running({ endpoints: [endpointOf(loki, { retry_on_http_429: false })] });
    await h.send("1");
    await turnsUntil(() => h.backlog("central") === 0);
    expect(Object.entries(h.metric("dropped"))).toEqual([[expect.stringContaining('reason="rate_limited"'), 1]]);
  });

  test("that takes nothing at all is parked, and asked again when somebody may have repaired it", async () => {
    await using loki = await startLoki({ authEnabled: true });
    await using h = running({ endpoints: [endpointOf(loki)] });
    await h.send("1");
    await turnsUntil(() => h.health().state === "unhealthy");
    expect(h.health().reason).toBe("endpoint central: HTTP 401: no org id; check the credentials, or set tenant_id");
    h.running.update?.(lokiWrite.config.parse({ ...unsynced, endpoints: [endpointOf(loki, { tenant_id: "team" })] }));
    await h.send("2");
    // The endpoint that is there now goes on where the one before it stood.
    await minutesUntil(() => loki.entries.length === 2, h.clock);
    expect(loki.lines("team")).toEqual({ '{app="a"}': ["1", "2"] });
    await turnsUntil(() => h.health().state === "healthy");
  });

  test("that is down holds up no other", async () => {
    await using loki = await startLoki();
    const port = await freePort();
    const endpoints = [{ url: `http://127.0.0.1:${port}/loki/api/v1/push`, name: "down" }, endpointOf(loki)];
    await using h = running({ endpoints });
    await h.send("1", "2");
    await loki.entryCount(2);
    await turnsUntil(() => h.backlog("central") === 0);
    expect(h.backlog("down")).toBe(2);
    await using second = await startLoki({ port });
    await minutesUntil(() => second.entries.length === 2, h.clock);
    expect(second.lines()).toEqual(loki.lines());
  });
});

describe("the queue", () => {
  test("goes on after a restart where each endpoint stood", async () => {
    using dir = tempDir();
    await using loki = await startLoki();
    const port = await freePort();
    const config = {
      endpoints: [{ url: `http://127.0.0.1:${port}/loki/api/v1/push`, name: "down" }, endpointOf(loki)],
    };
    {
      await using h = running(config, dir.path);
      await h.send("1", "2");
      await loki.entryCount(2);
      await turnsUntil(() => h.backlog("central") === 0);
      h.stop();
      await minutesUntil(() => h.message("entries stay in the queue until the agent runs again").length > 0, h.clock);
      expect(h.message("entries stay in the queue until the agent runs again")).toEqual([
        { endpoint: "down", entries: 2 },
      ]);
    }
    await using second = await startLoki({ port });
    await using h = running(config, dir.path);
    await h.send("3");
    await second.entryCount(3);
    await loki.entryCount(3);
    expect([second.lines(), loki.lines(), loki.duplicates]).toEqual([
      { '{app="a"}': ["1", "2", "3"] },
      { '{app="a"}': ["1", "2", "3"] },
      0,
    ]);
  });

  test("delivers what was gathered when the agent stops", async () => {
    await using loki = await startLoki();
    await using h = running({ endpoints: [endpointOf(loki)] });
    const received = h.receive({ app: "a" }, "last");
    h.stop();
    await received;
    await h.ended;
    expect(loki.lines()).toEqual({ '{app="a"}': ["last"] });
  });

  test("that is full lets its senders wait, says so, and drops nothing", async () => {
    await using loki = await startLoki();
    loki.answer("hang");
    await using h = running({
      endpoints: [endpointOf(loki, { remote_timeout: "1s" })],
      batch_size: "1KiB",
      queue_config: { max_bytes: "1MiB", sync: "os" },
    });
    // Random enough that it does not become smaller.
    const lines = Array.from({ length: 40 }, (_, at) => noise(at));
    let acknowledged = 0;
    const received = lines.map((line) => h.receive({ app: "a" }, line).then(() => acknowledged++));
    await minutesUntil(() => h.metrics.waiting !== undefined && h.metrics.waiting > 5, h.clock);
    await minutesUntil(() => h.health().reason?.includes("the queue is full") === true, h.clock);
    expect(acknowledged).toBeLessThan(35);
    loki.answer();
    await minutesUntil(() => acknowledged === 40, h.clock);
    await Promise.all(received);
    await minutesUntil(() => loki.entries.length === 40, h.clock);
    expect(loki.lines()).toEqual({ '{app="a"}': lines });
    expect(h.metric("dropped")).toEqual({});
    await minutesUntil(() => h.health().state === "healthy", h.clock);
    expect(h.message("the queue has room again").length).toBeGreaterThan(0);
  });

  test("acknowledges nothing while the disk cannot be written, and what was delivered meanwhile", async () => {
    using dir = tempDir();
    await using loki = await startLoki();
    const folder = join(dir.path, "queue");
    writeFileSync(folder, "in the way");
    await using h = running({ endpoints: [endpointOf(loki)] }, folder);
    loki.answer({ status: 503 });
    let acknowledged = 0;
    const received = h.receive({ app: "a" }, "1").then(() => acknowledged++);
    await minutesUntil(() => h.health().reason?.includes("cannot write the queue") === true, h.clock);
    expect([acknowledged, h.metrics.degraded]).toEqual([0, 1]);
    loki.answer();
    await minutesUntil(() => acknowledged === 1, h.clock);
    await received;
    expect(loki.lines()).toEqual({ '{app="a"}': ["1"] });
    rmSync(folder);
    await minutesUntil(() => h.health().state === "healthy", h.clock);
    await h.send("2");
    await loki.entryCount(2);
    expect(readdirSync(folder)).toContain("FORMAT");
  });
});

/** 32 KiB that snappy makes no smaller. */
function noise(seed: number): string {
  let state = seed + 1;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >>> 16;
  };
  return Array.from({ length: 32_768 }, () => String.fromCharCode(33 + (next() % 90))).join("");
}

test.for([
  [{ headers: { "x-scope-orgid": "a" } }, "use tenant_id for the tenant"],
  [{ http_headers: { "X-Scope-OrgID": { values: ["a"] } } }, "use tenant_id for the tenant"],
  [{ min_backoff_period: "10m" }, "min_backoff_period is longer than max_backoff_period"],
  [{ tenant_id: "two words" }, "a tenant has neither spaces nor letters beyond ASCII"],
  [{ headers: { "Content-Type": "a" } }, "Content-Type is set by the client itself"],
] as const)("%j is no endpoint", ([more, message]) => {
  const { error } = lokiWrite.config.safeParse({ endpoints: [{ url: "http://loki/loki/api/v1/push", ...more }] });
  expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
});
