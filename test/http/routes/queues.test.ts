import { expect, test } from "vitest";
import type { ComponentQueue } from "../../../src/graph/view.ts";
import { queues } from "../../../src/http/routes/queues.ts";
import { fakeAgent, fakeGraph } from "../fake-agent.ts";

const queue: ComponentQueue = {
  id: "prometheus.remote_write.central",
  bytes: 4096,
  segments: 2,
  trouble: "",
  batching: 3,
  endpoints: [
    {
      name: "central",
      url: "https://a/write",
      unhealthy: "HTTP 401; check the credentials",
      lastDelivery: "",
      lastError: "2026-01-01T12:00:00.000Z HTTP 401",
      blocks: 4,
      bytes: 4000,
      records: 70,
      oldestSeconds: 90,
    },
  ],
};

async function ask(view: Parameters<typeof fakeAgent>[0] | undefined) {
  const agent = fakeAgent();
  agent.view = view;
  const request = { parameter: "", query: new URLSearchParams(), wantsJson: true, routes: [] };
  const { status, body } = await queues.handle(request, agent);
  return { status, body: JSON.parse(String(body)) };
}

test("every component with a queue is told, with what waits for each endpoint", async () => {
  const view = { ...fakeGraph(), queues: () => [queue] };
  expect(await ask(view)).toEqual({ status: 200, body: { status: "success", data: [queue] } });
});

test("while the agent starts there is nothing to tell", async () => {
  expect((await ask(undefined)).status).toBe(503);
});
