import { expect, test } from "vitest";
import type { Clock } from "../../../../src/lib/clock.ts";
import { systemClock } from "../../../../src/lib/clock.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { startNtpServer } from "../../../support/ntp-server.ts";
import { fixtureExporter, gathered, plainOptions } from "../fixture-host.ts";

type Answer = Parameters<typeof startNtpServer>[0];

async function page(answer: Answer, { limits = {}, clock = systemClock as Clock } = {}) {
  await using server = await startNtpServer(answer);
  const ntp = { ...plainOptions.ntp, offsetToleranceMs: 60_000, ...limits, port: server.port };
  const { exporter, logged } = fixtureExporter(["ntp"], { clock }, { ntp });
  const gathering = gathered(exporter, "node_");
  if (clock instanceof FakeClock) await clock.advance(1000);
  const lines = await gathering;
  exporter.close();
  return { values: new Map(lines.map((line) => line.split(" ") as [string, string])), logged };
}

const good: Answer = (now) => ({
  ...{ leap: 0, stratum: 2, rootDelay: 0.25, rootDispersion: 0.125 },
  ...{ reference: Math.floor(now) - 64, receive: now, transmit: now },
});

test("a server's answer becomes series", async () => {
  const { values } = await page(good);
  const number = (name: string) => Number(values.get(`node_ntp_${name}`));
  expect([number("stratum"), number("leap"), number("sanity")]).toEqual([2, 0, 1]);
  expect([number("root_delay_seconds"), number("root_dispersion_seconds")]).toEqual([0.25, 0.125]);
  expect(number("reference_timestamp_seconds")).toBeGreaterThan(1.7e9);
  // Both are of the same clock, on the same machine.
  expect(Math.abs(number("offset_seconds"))).toBeLessThan(5);
  expect(number("rtt_seconds")).toBeGreaterThanOrEqual(0);
  expect(values.get('node_scrape_collector_success{collector="ntp"}')).toBe("1");
});

test("an answer that cannot be believed is not sane", async () => {
  const f = async (changes: object, limits: object = {}) => {
    const { values } = await page((now) => ({ ...good(now), ...changes }), { limits });
    expect(values.get("node_ntp_sanity"), JSON.stringify(changes)).toBe("0");
  };

  await f({ stratum: 0 });
  await f({ stratum: 16 });
  await f({ leap: 3 });
  await f({ rootDispersion: 17 }, { maxDistanceMs: 60_000 });
  await f({ reference: 1_000_000_000 });
  await f({ reference: 4_000_000_000 });
  await f({ rootDelay: 8 });
  await f({ transmit: 4_000_000_000 });
});

test("near a leap second a second more is tolerated", async () => {
  const late =
    (leap: number): Answer =>
    (now) => ({ ...good(now), leap, receive: now - 0.5, transmit: now - 0.5 });
  const limits = { offsetToleranceMs: 0 };
  expect((await page(late(0), { limits })).values.get("node_ntp_sanity")).toBe("0");
  expect((await page(late(1), { limits })).values.get("node_ntp_sanity")).toBe("1");
});

test("a server that says nothing is given up after a second", async () => {
  const { values, logged } = await page(() => undefined, { clock: new FakeClock() });
  expect([...values]).toEqual(expect.arrayContaining([['node_scrape_collector_success{collector="ntp"}', "0"]]));
  expect(logged).toEqual([
    'warn collector failed {"collector":"ntp","error":"cannot ask 127.0.0.1 for the time: no answer within 1 s"}',
  ]);
});
