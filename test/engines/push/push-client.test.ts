import { expect, test } from "vitest";
import { PushClient } from "../../../src/engines/push/push-client.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type Handler, startHttpServer } from "../../support/http-server.ts";

const request = { payload: Uint8Array.of(1), records: 1, maxTimestamp: 0, headers: { "X-Protocol": "this" } };

const never = new AbortController().signal;

/** Pushes once to a server that answers as `handler` says. */
async function outcome(handler: Handler, stop = never): Promise<object> {
  await using server = await startHttpServer(handler);
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
  const clock = new FakeClock();
  const push = new PushClient({ client, url: new URL(server.url), headers: {}, timeoutMs: 1000, clock });
  try {
    const result = await push.push(request, 0, stop);
    expect(clock.pending).toBe(0);
    return result;
  } finally {
    await client.close();
  }
}

function answer(status: number, body = "", headers: Record<string, string> = {}): Promise<object> {
  return outcome((_, response) => response.writeHead(status, headers).end(body));
}

test("2xx is delivered", async () => {
  expect(await answer(200, "ok")).toEqual({ kind: "delivered", status: 200 });
  expect(await answer(204)).toEqual({ kind: "delivered", status: 204 });
});

test("what the receiver says it has written is told; a header that is missing or no number says 0", async () => {
  const headers = {
    "X-Prometheus-Remote-Write-Samples-Written": "7",
    "x-prometheus-remote-write-exemplars-written": "-",
  };
  expect(await answer(204, "", headers)).toEqual({
    kind: "delivered",
    status: 204,
    written: { samples: 7, histograms: 0, exemplars: 0 },
  });
});

test("an endpoint in trouble gets the block again", async () => {
  expect(await answer(500)).toEqual({ kind: "retry", status: 500, reason: "HTTP 500" });
  expect(await answer(503, "starting", { "Retry-After": "3" })).toEqual({
    kind: "retry",
    status: 503,
    reason: "HTTP 503: starting",
    afterMs: 3000,
  });
  expect(await answer(429, "", { "Retry-After": "soon" })).toEqual({ kind: "retry", status: 429, reason: "HTTP 429" });
  expect(await answer(408)).toEqual({ kind: "retry", status: 408, reason: "HTTP 408" });
  expect(await answer(999)).toEqual({ kind: "retry", status: 999, reason: "HTTP 999" });
});

test("a block that is at fault is rejected", async () => {
  for (const status of [400, 409, 413, 415, 422, 431]) {
    expect(await answer(status, "bad\nlabel")).toEqual({ kind: "reject", status, reason: `HTTP ${status}: bad label` });
  }
});

test("an endpoint that is set up wrongly is parked, with the remedy", async () => {
  expect(await answer(401)).toEqual({ kind: "park", status: 401, reason: "HTTP 401; check the credentials" });
  expect(await answer(403, "tenant")).toEqual({
    kind: "park",
    status: 403,
    reason: "HTTP 403: tenant; check the credentials and what they permit",
  });
  expect(await answer(404)).toEqual({ kind: "park", status: 404, reason: "HTTP 404; check the url" });
  expect(await answer(302, "", { Location: "/elsewhere" })).toEqual({
    kind: "park",
    status: 302,
    reason: "HTTP 302; set url to where it redirects",
  });
});

test("of a long answer a line is shown, of a very long one nothing", async () => {
  expect(await answer(400, "x".repeat(1000))).toMatchObject({ reason: `HTTP 400: ${"x".repeat(256)}` });
  expect(await answer(400, "x".repeat(100_000))).toMatchObject({ reason: "HTTP 400" });
});

test("a connection that breaks is tried again", async () => {
  expect(await outcome((request) => request.socket.destroy())).toMatchObject({ kind: "retry" });
  expect(
    await outcome((_, response) => {
      response.writeHead(500, { "Content-Length": "10" }).write("part");
      setImmediate(() => response.destroy());
    }),
  ).toMatchObject({ kind: "retry" });
});

test("once it is stopped, nothing is sent", async () => {
  let requests = 0;
  const stopped = outcome((_, response) => {
    requests++;
    response.end();
  }, AbortSignal.abort());
  expect(await stopped).toEqual({ kind: "retry", reason: "stopped" });
  expect(requests).toBe(0);
});
