import { expect, test } from "vitest";
import { ReplaceableClient } from "../../../src/engines/scrape/replaceable-client.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startHttpServer } from "../../support/http-server.ts";

test("a request under way ends although the settings change; the next one has the new settings", async () => {
  const asked: (string | undefined)[] = [];
  const arrived = Promise.withResolvers<void>();
  let answer = () => {};
  await using server = await startHttpServer((request, response) => {
    asked.push(request.headers["user-agent"]);
    if (asked.length > 1) return void response.end("second");
    answer = () => void response.end("first");
    arrived.resolve();
  });
  const clock = new FakeClock();
  const client = new ReplaceableClient(clock, { followRedirects: true, userAgent: "old" });
  const request = { method: "GET", url: new URL(server.url), signal: new AbortController().signal } as const;

  const first = client.request(request);
  await arrived.promise;
  client.replace({ followRedirects: true, userAgent: "new" }, 1000);
  const second = await client.request(request);
  answer();
  expect(Buffer.from(await (await first).read(100)).toString()).toBe("first");
  expect(Buffer.from(await second.read(100)).toString()).toBe("second");
  expect(asked).toEqual(["old", "new"]);

  await clock.advance(1000);
  // What is left watches over the idle connection of the new settings.
  expect(clock.pending).toBe(1);
  await client.close();
  expect(clock.pending).toBe(0);
});
