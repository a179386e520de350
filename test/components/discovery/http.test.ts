import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discoveryHttp } from "../../../src/components/discovery/http.ts";
import { formatLabels } from "../../../src/signals/labels.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { harness } from "../../support/component-harness.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A component that has asked once; `health` and `sets` are what came of it. */
async function ask(answer: (request: IncomingMessage, response: ServerResponse) => void, config: object = {}) {
  await using server = await startHttpServer(answer);
  using dir = tempDir();
  const sets: string[][] = [];
  const output = {
    async receive(groups: unknown) {
      const targets = (groups as readonly TargetGroup[]).flatMap((group) => group.targets);
      sets.push(targets.map(({ labels }) => formatLabels(labels).replaceAll(server.url, "URL")));
      asked.resolve();
    },
  };
  const asked = Promise.withResolvers<void>();
  const url = `${server.url}/sd`;
  const { running, health, metrics } = harness(discoveryHttp, { url, ...config }, output, {
    dataDir: join(dir.path, "data"),
    onHealth: () => health().state === "unhealthy" && asked.resolve(),
  });
  const stop = new AbortController();
  const ended = running.run?.(stop.signal);
  await asked.promise;
  stop.abort();
  await ended;
  return { sets, reason: health().reason?.replaceAll(new URL(server.url).host, "HOST"), failures: metrics.failures };
}

function json(text: string, status = 200, type = "application/json") {
  return (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "Content-Type": type }).end(text);
  };
}

test("a list becomes targets, and the server is told what Prometheus tells it", async () => {
  let headers: IncomingMessage["headers"] = {};
  const list = '[{"targets":["a:1","b:2"],"labels":{"env":"prod"}},{"targets":["c:3"]}]';
  const { sets, reason } = await ask(
    (request, response) => {
      headers = request.headers;
      json(list, 200, "application/json; charset=utf-8")(request, response);
    },
    { refresh_interval: "90s", bearer_token: "t" },
  );
  expect(reason).toBeUndefined();
  expect(sets).toEqual([
    [
      '{__address__="a:1", __meta_url="URL/sd", env="prod"}',
      '{__address__="b:2", __meta_url="URL/sd", env="prod"}',
      '{__address__="c:3", __meta_url="URL/sd"}',
    ],
  ]);
  expect(headers).toMatchObject({
    accept: "application/json",
    authorization: "Bearer t",
    "user-agent": expect.stringMatching(/^sonde\//),
    "x-prometheus-refresh-interval-seconds": "90",
  });
});

test("whatever is not such a list is a failure, told with what is wrong", async () => {
  async function f(answer: Parameters<typeof ask>[0], want: string) {
    const { sets, reason, failures } = await ask(answer);
    expect({ sets, failures, reason }).toEqual({
      sets: [],
      failures: 1,
      reason: `cannot get the targets from HOST: ${want}; the last good targets stay until it is mended`,
    });
  }
  await f(json("[]", 503), "the server answers with HTTP status 503");
  await f(json("[]", 200, "text/plain"), 'the answer has the content type "text/plain"; it must be application/json');
  await f(json('[{"target":["a:1"]}]'), 'group 1: unknown key "target"; a group has targets and labels');
  await f(json("[null]"), "group 1: expected a mapping, found nothing");
  await f(json("["), "Unexpected end of JSON input");
});
