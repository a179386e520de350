import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/lib/clock.ts";
import { startSupervisord, supervisordProcesses } from "../../../support/supervisord.ts";
import { fixtureExporter, gathered } from "../fixture-host.ts";

/** The series, with supervisord answering so. */
async function page(listener: RequestListener, { isUnix = false } = {}) {
  await using server = await startSupervisord(listener, { isUnix });
  const url = server.url.replace("http://", "http://user:secret@");
  const { exporter, logged } = fixtureExporter(["supervisord"], { clock: systemClock }, { supervisord: { url } });
  const lines = await gathered(exporter, "node_s");
  exporter.close();
  return { lines: lines.filter((line) => !line.includes("_duration_")), logged };
}

const series = [
  'node_scrape_collector_success{collector="supervisord"} 1',
  'node_supervisord_exit_status{group="batch",name="batch"} 3',
  'node_supervisord_exit_status{group="web",name="web_00"} 0',
  'node_supervisord_start_time_seconds{group="web",name="web_00"} 1.7672256e+09',
  'node_supervisord_state{group="batch",name="batch"} 100',
  'node_supervisord_state{group="web",name="web_00"} 20',
  'node_supervisord_up{group="batch",name="batch"} 0',
  'node_supervisord_up{group="web",name="web_00"} 1',
];

for (const isUnix of [false, true]) {
  test(`processes become series, asked for over ${isUnix ? "a unix socket" : "HTTP"}`, async () => {
    let asked = "";
    const listener: RequestListener = (request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => {
        asked += text;
      });
      request.on("end", () => response.end(supervisordProcesses));
      if (!isUnix) expect(request.headers.authorization).toBe(`Basic ${btoa("user:secret")}`);
      expect([request.method, request.url]).toEqual(["POST", "/RPC2"]);
    };
    expect((await page(listener, { isUnix })).lines).toEqual(series);
    expect(asked).toContain("<methodName>supervisor.getAllProcessInfo</methodName>");
  });
}

test("a refusal, and an answer of another kind, are told without the password", async () => {
  const refused = await page((_request, response) => void response.writeHead(401).end());
  expect(refused.lines).toEqual(['node_scrape_collector_success{collector="supervisord"} 0']);
  expect(refused.logged.join()).toMatch(
    /cannot call supervisor\.getAllProcessInfo at http:\/\/127\.0\.0\.1:\d+\/RPC2: it answers with status 401/,
  );
  expect(refused.logged.join()).not.toContain("secret");
  const odd = await page((_request, response) => void response.end("<html>"));
  expect(odd.logged.join()).toContain("methodResponse is missing");
});
