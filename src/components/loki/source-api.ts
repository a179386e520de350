import { z } from "zod";
import { counter, defineComponent, histogram } from "../../component.ts";
import { isSamePlace, receivingServer, receivingServerFields } from "../../config/fields/receiving-server.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { bytes, labelName } from "../../config/fields.ts";
import { LogForwarder } from "../../engines/receive/log-forwarder.ts";
import { LokiPush, type LokiPushSettings } from "../../engines/receive/loki-push.ts";
import { LokiRoutes } from "../../engines/receive/loki-routes.ts";
import { MovingServer } from "../../engines/receive/moving-server.ts";
import { sourceLabels } from "../../formats/relabel/source-labels.ts";

const config = z.strictObject({
  ...receivingServerFields("127.0.0.1:3500"),
  labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels of every entry; they win over those that were sent."),
  relabel_rules: relabelRules
    .default([])
    .describe("Relabel rules over the labels of a stream; `__tenant_id__` is the tenant of the request."),
  use_incoming_timestamp: z
    .boolean()
    .default(false)
    .describe("Whether an entry keeps the time that was sent with it, rather than to get that of its arrival."),
  max_send_message_size: bytes
    .refine((size) => size > 0, "must be larger than 0B")
    .prefault("32MiB")
    .describe("The longest body, decompressed. A longer one is answered with 413."),
});

type Config = z.output<typeof config>;

export const lokiSourceApi = defineComponent({
  type: "loki.source.api",
  summary: "Takes logs that others push, as Loki does.",
  description:
    "Agents push to `/loki/api/v1/push`, old ones to `/api/prom/push`: JSON, or protobuf in Snappy, and either may be in " +
    "gzip. `/loki/api/v1/raw` takes lines of text, which then need `labels`. The answer is 204 once every receiver in " +
    "`forward_to` has the entries: a `loki.write` after its `batch_wait` at the latest. While they have no room it is 503 with `Retry-After`, and the sender keeps them. A " +
    "request that is not valid is refused as a whole.\n\n" +
    "The header `X-Scope-OrgID` is the label `__tenant_id__`, which goes to the receivers; other labels that begin with " +
    "`__` end here. Entries that are left without a label are left out.",
  emits: "logs",
  metrics: {
    entries: counter("loki_source_api_entries_written", "Entries that the receivers took."),
    requests: histogram(
      "loki_source_api_request_duration_seconds",
      "How long it took to answer.",
      [0.005, 0.05, 0.5, 5],
      ["route", "status_code"],
    ),
  },
  config,
  example: `
loki.source.api.local:
  listen_address: "127.0.0.1:3500"
  use_incoming_timestamp: true
  labels: { via: agent }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create(first, context) {
    const { output, metrics, world } = context;
    const push = new LokiPush(settingsOf(first), world.clock);
    const routes = new LokiRoutes(first.max_requests, {
      push,
      forwarder: new LogForwarder(output, world.clock),
      clock: world.clock,
      onWritten: (entries) => metrics.entries.inc(entries),
      onAnswer: (route, status, seconds) => metrics.requests.observe({ route, status_code: String(status) }, seconds),
    });
    let place = first;
    const newServer = () => receivingServer(place, context, words, (request) => routes.answer(request));
    const server = new MovingServer(newServer());

    return {
      run: (stop) => server.run(stop),
      update(next) {
        const moves = !isSamePlace(next, place);
        place = next;
        push.settings = settingsOf(next);
        routes.maxRequests = next.max_requests;
        if (moves) server.moveTo(newServer());
      },
      debug: () => ({ url: server.url, listening: server.isListening, requests_under_way: routes.underWay }),
    };
  },
});

function settingsOf(given: Config): LokiPushSettings {
  return {
    labels: given.labels,
    labelsOf: sourceLabels(given.relabel_rules),
    useIncomingTimestamp: given.use_incoming_timestamp,
    maxMessageSize: given.max_send_message_size,
  };
}

const words = {
  down: "logs cannot be received",
  upAgain: "logs can be received again",
  open: "everybody who reaches this address can write logs; listen on 127.0.0.1 or set web_config_file",
};
