import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate, makeExpiredCertificate } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { bomb, hostile, newSeries, text, timeoutMs } from "../support/hostile-targets.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { type RunningSonde, startSondeWith } from "../support/sonde.ts";
import { startTcpServer } from "../support/tcp-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const scrapes = 8;

describe("an agent with targets that mean harm", () => {
  const resources = new AsyncDisposableStack();
  const requestTimes: number[] = [];
  let receiver: TestReceiver;
  let sonde: RunningSonde;

  beforeAll(async () => {
    const targets: Record<string, string> = { "does not listen": `127.0.0.1:${await freePort()}` };
    for (const { does, connection, request } of hostile) {
      const server =
        connection !== undefined
          ? await startTcpServer((socket) => socket.once("data", () => connection(socket)))
          : await startHttpServer(({ url = "" }, response) => request?.(response, url));
      resources.use(server);
      targets[does] = `127.0.0.1:${server.port}`;
    }
    const neighbour = resources.use(
      await startHttpServer((_, response) => {
        requestTimes.push(performance.now());
        response.writeHead(200, text).end("healthy 1\n");
      }),
    );
    receiver = resources.use(await startReceiver());
    const config = configOf(receiver, {
      hostile: { static_configs: staticConfigs(targets), sample_limit: 1000, body_size_limit: "16MiB" },
      healthy: { static_configs: staticConfigs({ healthy: `127.0.0.1:${neighbour.port}` }) },
    });
    sonde = resources.use(await startSondeWith(JSON.stringify(config)));
  });

  afterAll(() => resources.disposeAsync());

  test.each([...hostile, { does: "does not listen", reason: /^connection refused by / }])(
    "a target that $does is down, and the agent says why",
    async ({ does, reason }) => {
      await eventually(async () => expect(await targetOf(sonde, "hostile", does)).toMatchObject({ up: false }));
      const { last_error = "", duration_seconds = 0 } = await targetOf(sonde, "hostile", does);
      expect(last_error).toMatch(reason);
      // The event loop may be late on a busy machine, but the timeout is what ends it.
      expect(duration_seconds).toBeLessThan((timeoutMs / 1000) * 2);
      await eventually(() => expect(upsOf(receiver, does).length).toBeGreaterThan(2));
      expect(new Set(upsOf(receiver, does))).toEqual(new Set(["0"]));
    },
  );

  test("the neighbour is scraped all the time, and memory does not grow with the scrapes", async () => {
    await eventually(() => expect(upsOf(receiver, "healthy").length).toBeGreaterThanOrEqual(3));
    const before = residentMiB(sonde);
    const soFar = upsOf(receiver, "healthy").length;
    await eventually(() => expect(upsOf(receiver, "healthy").length).toBeGreaterThanOrEqual(soFar + scrapes));
    expect(residentMiB(sonde) - before).toBeLessThan(150);
    expect(new Set(upsOf(receiver, "healthy"))).toEqual(new Set(["1"]));
    expect((await fetch(`${sonde.url}/-/ready`)).status).toBe(200);
    expect(sonde.process.stderr + sonde.process.stdout).not.toContain("component failed");
    if (process.env.CORPUS_TABLE) console.info(`a healthy neighbour's requests: ${lateness(requestTimes)}`);
  });
});

describe("TLS that cannot be trusted", () => {
  test.each([
    ["is self-signed", makeCertificate, {}, /certificate of .* it is self-signed; set tls_config.ca_file/],
    [
      "is for another host",
      makeCertificate,
      { ca_file: "", server_name: "other.test" },
      /certificate of .* it is not for /,
    ],
    ["has expired", makeExpiredCertificate, { ca_file: "" }, /certificate of .* it has expired/],
  ])("a target whose certificate %s is down, and the agent says why", async (_, make, settings, reason) => {
    await using resources = new AsyncDisposableStack();
    const dir = resources.use(tempDir());
    const { certFile, ...tls } = make(dir.path);
    const page = await startHttpServer((_, response) => response.writeHead(200, text).end("a 1\n"), { tls });
    resources.use(page);
    const receiver = resources.use(await startReceiver());
    const config = configOf(receiver, {
      tls: {
        scheme: "https",
        tls_config: { ...settings, ...("ca_file" in settings && { ca_file: certFile }) },
        static_configs: staticConfigs({ secure: `127.0.0.1:${page.port}` }),
      },
    });
    const sonde = resources.use(await startSondeWith(JSON.stringify(config)));
    await eventually(() => expect(upsOf(receiver, "secure").length).toBeGreaterThan(0));
    expect((await targetOf(sonde, "tls", "secure")).last_error).toMatch(reason);
    expect(upsOf(receiver, "secure")).not.toContain("1");
  });
});

describe("pages that are large", () => {
  async function scrapedPage(body: string | Buffer, headers: Record<string, string>, job: Record<string, unknown>) {
    await using resources = new AsyncDisposableStack();
    const page = await startHttpServer((_, response) => response.writeHead(200, { ...text, ...headers }).end(body));
    resources.use(page);
    const receiver = resources.use(await startReceiver());
    const config = configOf(receiver, {
      large: {
        scrape_interval: "6s",
        scrape_timeout: "6s",
        static_configs: staticConfigs({ large: `127.0.0.1:${page.port}` }),
        ...job,
      },
    });
    const sonde = resources.use(await startSondeWith(JSON.stringify(config)));
    await eventually(() => expect(upsOf(receiver, "large").length).toBeGreaterThan(0), 60_000);
    const { last_error, samples } = await targetOf(sonde, "large", "large");
    return { last_error, samples, up: upsOf(receiver, "large")[0], peakMiB: peakMiB(sonde), receiver };
  }

  test("a page that unpacks to a gibibyte fails at body_size_limit without taking that memory", async () => {
    const { up, last_error, peakMiB } = await scrapedPage(bomb, { "Content-Encoding": "gzip" }, {});
    expect({ up, last_error }).toEqual({
      up: "0",
      last_error: "the answer is not shorter than body_size_limit, 67108864 bytes",
    });
    expect(peakMiB).toBeLessThan(500);
  });

  test("a million series are over sample_limit, and all of them are counted", async () => {
    const { up, last_error } = await scrapedPage(newSeries(1_000_000), {}, { sample_limit: 10_000 });
    expect({ up, last_error }).toEqual({ up: "0", last_error: "1000000 samples; sample_limit is 10000" });
  }, 90_000);

  test("a million series without a limit are a scrape like any other", async () => {
    const keepReports = [{ source_labels: ["__name__"], regex: "up|scrape_.*|m", action: "keep" }];
    const { up, samples } = await scrapedPage(newSeries(1_000_000), {}, { metric_relabel_rules: keepReports });
    expect({ up, samples }).toEqual({ up: "1", samples: 1_000_000 });
  }, 90_000);

  test("a label value of a mebibyte arrives whole", async () => {
    const { up, receiver } = await scrapedPage(`m{a="${"x".repeat(1 << 20)}"} 1\n`, {}, {});
    expect(up).toBe("1");
    const lengths = receiver.requests.flatMap(({ series }) =>
      series.flatMap(({ labels }) => labels.filter(([name]) => name === "a").map(([, value]) => value.length)),
    );
    expect(lengths).toContain(1 << 20);
  });
});

function configOf(receiver: TestReceiver, jobs: Readonly<Record<string, object>>): object {
  const scrapes = Object.entries(jobs).map(([name, job]) => [
    `prometheus.scrape.${name}`,
    {
      scrape_interval: "1s",
      scrape_timeout: `${timeoutMs}ms`,
      ...job,
      forward_to: ["prometheus.remote_write.central"],
    },
  ]);
  return {
    ...Object.fromEntries(scrapes),
    "prometheus.remote_write.central": {
      queue_config: { batch_send_deadline: "100ms" },
      endpoints: [{ url: receiver.url }],
    },
  };
}

function staticConfigs(targets: Readonly<Record<string, string>>): object[] {
  return Object.entries(targets).map(([name, address]) => ({ targets: [address], labels: { case: name } }));
}

interface TargetView {
  readonly labels: Readonly<Record<string, string>>;
  readonly up?: boolean;
  readonly samples?: number;
  readonly duration_seconds?: number;
  readonly last_error?: string;
}

async function targetOf(sonde: RunningSonde, job: string, name: string): Promise<TargetView> {
  const response = await fetch(`${sonde.url}/api/v1/components/prometheus.scrape.${job}`);
  const { data } = (await response.json()) as { data: { debug: { targets: TargetView[] } } };
  const target = data.debug.targets.find(({ labels }) => labels.case === name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  return target;
}

/** The values of `up` that arrived for a target. */
function upsOf(receiver: TestReceiver, name: string): string[] {
  return receiver.samples.flatMap((sample) => {
    const [, target, value] = /^up\{case="([^"]*)".*\} (\S+) @/.exec(sample) ?? [];
    return target === name && value !== undefined ? [value] : [];
  });
}

function residentMiB(sonde: RunningSonde): number {
  return memoryMiB(sonde, "VmRSS");
}

function peakMiB(sonde: RunningSonde): number {
  return memoryMiB(sonde, "VmHWM");
}

function memoryMiB({ process }: RunningSonde, field: string): number {
  const status = readFileSync(`/proc/${process.pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}

/** How far the times are from a beat of one second. */
function lateness(times: readonly number[]): string {
  const late = times
    .slice(1)
    .map((time, at) => Math.abs(time - (times[at] ?? 0) - 1000))
    .toSorted((a, b) => a - b);
  const p99 = late[Math.ceil(late.length * 0.99) - 1] ?? 0;
  return `${times.length}, and 99 % of the intervals within ${p99.toFixed(1)} ms of one second`;
}
