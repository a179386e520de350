import { expect, test } from "vitest";
import { lokiEchoTo } from "../../../src/components/loki/echo.ts";
import { harness } from "../../support/component-harness.ts";
import { logBatch } from "../../support/log-batches.ts";

test("an entry is a line with its time, labels, structured metadata and text", async () => {
  let text = "";
  const component = lokiEchoTo((more) => {
    text += more;
  });
  const { running } = harness(component, {}, { receive: () => Promise.resolve() });
  const at = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
  await running.input?.receive({
    ...logBatch({ app: "web" }, ["GET /", 'say "hi"\n'], [at + 1n, at + 123_456_789n]),
    metadata: [[], ["trace_id", "abc"]],
  });
  await running.input?.receive(logBatch({}, ["bare"], [at]));
  expect(text).toBe(`\
2026-01-01T00:00:00.000000001Z {app="web"} "GET /"
2026-01-01T00:00:00.123456789Z {app="web"} {trace_id="abc"} "say \\"hi\\"\\n"
2026-01-01T00:00:00.000000000Z {} "bare"
`);
});
