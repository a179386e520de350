import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { TestProcess } from "../support/process.ts";
import { type StrictLoki, startStrictLoki } from "../support/strict-loki.ts";
import { tempDir } from "../support/temp-dir.ts";

/** SIGKILLs in a row. Another number by environment, for a night. */
const kills = Number(process.env.SONDE_KILLS ?? 15);

const program = join(import.meta.dirname, "../support/log-sending-process.ts");

function startSender(folder: string, first: number, start: bigint, url: string): TestProcess {
  return new TestProcess(process.execPath, [program, folder, String(first), String(start), url]);
}

function accepted(lines: readonly string[]): number[] {
  return lines.flatMap((line) => (/^accepted \d+$/.test(line) ? [Number(line.slice("accepted ".length))] : []));
}

/** The numbers that Loki has, stream by stream, in the order in which they came. */
function numbersOf(loki: StrictLoki): number[][] {
  return Object.values(loki.lines()).map((lines) => lines.map((line) => Number.parseInt(line, 10)));
}

function expectAllInOrder(loki: StrictLoki, lines: readonly string[]): void {
  const streams = numbersOf(loki);
  for (const numbers of streams) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const came = new Set(streams.flat());
  expect(accepted(lines).filter((number) => !came.has(number))).toEqual([]);
  expect(lines.filter((line) => line.startsWith("dropped"))).toEqual([]);
}

test("whenever an agent is killed while it sends to a Loki in trouble: all that it has acknowledged arrives, in order", async () => {
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
  const lines: string[] = [];
  for (let life = 0; life < kills; life++) {
    const first = (accepted(lines).at(-1) ?? -1) + 1;
    await using child = startSender(dir.path, first, start, loki.url);
    await child.output(new RegExp(`^accepted ${first + 300 + ((life * 97) % 1000)}$`, "m"));
    child.kill("SIGKILL");
    lines.push(...(await child.exited).stdout.split("\n"));
  }
  await using _ = startSender(dir.path, (accepted(lines).at(-1) ?? 0) + 1, start, loki.url);
  await eventually(() => expectAllInOrder(loki, lines));
  expect(accepted(lines).length).toBeGreaterThan(kills * 300);
}, 300_000);

test("while Loki is down an agent reads no further than its queue holds, and what it holds survives", async () => {
  using dir = tempDir();
  const port = await freePort();
  const start = BigInt(Date.now()) * 1_000_000n;
  const url = `http://127.0.0.1:${port}/loki/api/v1/push`;
  const lines: string[] = [];
  await using first = startSender(dir.path, 0, start, url);
  await first.output(/^health unhealthy .*the queue is full: what sends to it waits/m);
  first.kill("SIGKILL");
  lines.push(...(await first.exited).stdout.split("\n"));
  // A line takes some 50 bytes, and hardly any of them can be left out.
  expect(accepted(lines).length).toBeGreaterThan(2 ** 20 / 100);
  expect(accepted(lines).length).toBeLessThan(2 ** 20 / 30);
  await using loki = await startStrictLoki({ port });
  await using _ = startSender(dir.path, (accepted(lines).at(-1) ?? 0) + 1, start, url);
  await eventually(() => expectAllInOrder(loki, lines));
}, 120_000);
