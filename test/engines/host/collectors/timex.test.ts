import { expect, test } from "vitest";
import type { Host } from "../../../../src/engines/host/collector.ts";
import { fixtureExporter, gathered } from "../fixture-host.ts";

/** Helpers whose programs answer with this line, or are not there. */
function helpers(programs: Readonly<Record<string, string>>): Partial<Host> {
  const coProcess = (command: string) => ({
    ask: async () => {
      const answer = programs[command];
      if (answer === undefined) throw Object.assign(new Error(`spawn ${command} ENOENT`), { code: "ENOENT" });
      return answer;
    },
  });
  return { helpers: { coProcess, close: () => {} } as unknown as Host["helpers"] };
}

const series = async (programs: Readonly<Record<string, string>>, prefix = "node_timex") => {
  const { exporter, logged } = fixtureExporter(["timex"], helpers(programs));
  const lines = await gathered(exporter, prefix);
  return { lines, logged };
};

const synchronised = "0 0 -1500 -32768 250000 120 1 7 1 32768000 1767225600 5 10000 65536 12 4 99 1 2 3 4 37";

test("the kernel's units become seconds, ratios and hertz", async () => {
  expect((await series({ perl: synchronised })).lines).toEqual([
    "node_timex_estimated_error_seconds 0.00012",
    "node_timex_frequency_adjustment_ratio 0.9999995",
    "node_timex_loop_time_constant 7",
    "node_timex_maxerror_seconds 0.25",
    "node_timex_offset_seconds -0.0015",
    "node_timex_pps_calibration_total 2",
    "node_timex_pps_error_total 3",
    "node_timex_pps_frequency_hertz 1e-06",
    "node_timex_pps_jitter_seconds 1.2e-05",
    "node_timex_pps_jitter_total 1",
    "node_timex_pps_shift_seconds 4",
    "node_timex_pps_stability_exceeded_total 4",
    "node_timex_pps_stability_hertz 1.5106201171875e-09",
    "node_timex_status 1",
    "node_timex_sync_status 1",
    "node_timex_tai_offset_seconds 37",
    "node_timex_tick_seconds 0.01",
  ]);
});

test("with STA_NANO offset and jitter are nanoseconds", async () => {
  const { lines } = await series({ python3: synchronised.replace(" 120 1 7", " 120 8193 7") });
  expect(lines).toContain("node_timex_offset_seconds -1.5e-06");
  expect(lines).toContain("node_timex_pps_jitter_seconds 1.2e-08");
});

test("a clock in the state TIME_ERROR is not synchronised", async () => {
  expect((await series({ perl: synchronised.replace("0", "5") })).lines).toContain("node_timex_sync_status 0");
});

test("where adjtimex is forbidden there is no data, and no line in the log", async () => {
  const { lines, logged } = await series({ perl: "-1 1" }, "node_");
  expect(lines.slice(-1)).toEqual(['node_scrape_collector_success{collector="timex"} 0']);
  expect(logged).toEqual([]);
});

test("another failure, and a host without perl and python3, is told", async () => {
  expect((await series({ perl: "-1 22" })).logged).toEqual([
    'warn collector failed {"collector":"timex","error":"adjtimex failed: errno 22"}',
  ]);
  expect((await series({})).logged).toEqual([
    'warn collector failed {"collector":"timex","error":"neither perl nor python3 is on the PATH: install perl-base or disable the collector"}',
  ]);
});
