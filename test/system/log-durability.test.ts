import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { killAfter, Said, startAgain } from "../support/kills.ts";
import { type StrictLoki, startStrictLoki } from "../support/strict-loki.ts";
import { tempDir } from "../support/temp-dir.ts";

/** SIGKILLs in a row. Another number by environment, for a night. */
const kills = Number(process.env.SONDE_KILLS ?? 15);

/** The numbers that Loki has, stream by stream, in the order in which they came. */
function numbersOf(loki: StrictLoki): number[][] {
  return Object.values(loki.lines()).map((lines) => lines.map((line) => Number.parseInt(line, 10)));
}

function expectAllInOrder(loki: StrictLoki, { accepted, remarks }: Said): void {
  const streams = numbersOf(loki);
  for (const numbers of streams) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const came = new Set(streams.flat());
  expect(accepted.filter((number) => !came.has(number))).toEqual([]);
  expect(remarks.filter((line) => line.startsWith("dropped"))).toEqual([]);
}

test(
  "whenever an agent is killed while it sends to a Loki in trouble: all that it has acknowledged arrives, in order",
  async () => {
    using dir = tempDir();
    await using loki = await startStrictLoki({ limits: { burstBytes: 2 ** 40, streamBurstBytes: 2 ** 40 } });
    loki.answer((request) => {
      const mood = (request * 7919) % 23;
      if (mood === 1) return { status: 503, body: "not now" };
      if (mood === 2) return { status: 429, headers: { "Retry-After": "0" } };
      if (mood === 3) return "reset";
      return mood === 4 ? "store and reset" : undefined;
    });
    const start = BigInt(Date.now()) * 1_000_000n;
    const said = new Said();
    const args = () => [join(dir.path, "data"), String(said.next), String(start), loki.url];
    for (let life = 0; life < kills; life++) {
      const last = said.next + 300 + ((life * 97) % 1000);
      said.add(await killAfter(dir.path, "log-sending-process.ts", args(), last));
    }
    await using _ = startAgain(dir.path, "log-sending-process.ts", args());
    await eventually(() => expectAllInOrder(loki, said), 30_000 + kills * 1000);
    expect(said.accepted.length).toBeGreaterThan(kills * 300);
  },
  300_000 + kills * 5000,
);

test("while Loki is down an agent reads no further than its queue holds, and what it holds survives", async () => {
  using dir = tempDir();
  const port = await freePort();
  const start = BigInt(Date.now()) * 1_000_000n;
  const url = `http://127.0.0.1:${port}/loki/api/v1/push`;
  const said = new Said();
  const args = () => [join(dir.path, "data"), String(said.next), String(start), url];
  await using first = startAgain(dir.path, "log-sending-process.ts", args());
  await first.output(/^health unhealthy .*the queue is full: what sends to it waits/m);
  first.kill("SIGKILL");
  said.add((await first.exited).stdout);
  // A line takes some 50 bytes, and hardly any of them can be left out.
  expect(said.accepted.length).toBeGreaterThan(2 ** 20 / 100);
  expect(said.accepted.length).toBeLessThan(2 ** 20 / 30);
  await using loki = await startStrictLoki({ port });
  await using _ = startAgain(dir.path, "log-sending-process.ts", args());
  await eventually(() => expectAllInOrder(loki, said));
}, 120_000);
