import { z } from "zod";
import { counter, defineComponent, gauge } from "../../component.ts";
import { isSamePlace, receivingServer, receivingServerFields } from "../../config/fields/receiving-server.ts";
import { bytes, duration, positiveDuration } from "../../config/fields.ts";
import { MovingServer } from "../../engines/receive/moving-server.ts";
import { PushGroups, type PushSettings } from "../../engines/receive/push-groups.ts";
import { Pushgateway } from "../../engines/receive/pushgateway.ts";
import { type ReceiveLimits, ReceiveRoutes } from "../../engines/receive/receive-routes.ts";
import { RemoteWrite } from "../../engines/receive/remote-write.ts";

const config = z.strictObject({
  ...receivingServerFields("127.0.0.1:9092"),
  max_request_size: bytes
    .refine((size) => size > 0, "must be larger than 0B")
    .prefault("32MiB")
    .describe("The longest body, decompressed. A longer one is answered with 413."),
  push_interval: positiveDuration
    .prefault("30s")
    .describe("How often the values of a pushed group are sent again, so that its series do not go stale."),
  push_ttl: duration
    .prefault("24h")
    .describe("How long after its last push a group ends, as if it had been deleted. 0s is never."),
  max_pushed_series: z
    .int()
    .min(1)
    .default(100_000)
    .describe("Series of all pushed groups; a push that would make them more is answered with 413."),
});

type Config = z.output<typeof config>;

export const prometheusReceiveHttp = defineComponent({
  type: "prometheus.receive_http",
  summary: "Takes metrics that others send: remote write from agents, pushes from batch jobs.",
  description:
    "Agents send remote write 1.0 or 2.0 to `/api/v1/metrics/write` or `/api/v1/write`. The answer is 204 once every " +
    "receiver in `forward_to` has the samples; while one cannot take them it is 503 with `Retry-After`, and the sender " +
    "keeps them. Series that are not valid (labels that are unsorted, repeated or without a name, no `__name__`, native " +
    "histograms that do not add up) are left out, and the answer is then a 400 that names them and counts what was " +
    "written. Metadata are passed on; start timestamps of 2.0 are, too, to endpoints that speak 2.0.\n\n" +
    "Batch jobs push as to a Pushgateway: `PUT`, `POST` and `DELETE` of `/metrics/job/<job>{/<label>/<value>}`, with " +
    "`@base64` behind a label where its value needs it, as text or protobuf. Labels of the path win over those of a metric; no `instance` is added. There is no page to scrape: a push is sent " +
    "on at once, with the time of the push, and then again at `push_interval`, together with `push_time_seconds` and " +
    "`push_failure_time_seconds`. A `DELETE`, or `push_ttl` after the last push, ends the series by stale markers. " +
    "Groups survive a reload but not a restart of the agent: they are in memory only.",
  emits: "metrics",
  metrics: {
    requests: counter("requests_total", "Requests, by API and by the code of the answer.", ["api", "code"]),
    samples: counter("samples_total", "Samples and stale markers received and passed on."),
    histograms: counter("histograms_total", "Native histograms received and passed on."),
    exemplars: counter("exemplars_total", "Exemplars received and passed on."),
    invalid: counter("invalid_total", "Samples, histograms and exemplars left out because their series is not valid."),
    groups: gauge("pushed_groups", "Groups that batch jobs have pushed."),
  },
  config,
  example: `
prometheus.receive_http.local:
  listen_address: "127.0.0.1:9092"
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.example/api/v1/write" }]
`,

  create(first, context) {
    const { output, metrics, log, world } = context;
    const groups = new PushGroups({
      output,
      clock: world.clock,
      log,
      settings: pushSettings(first),
      onGroups: (count) => metrics.groups.set(count),
    });
    const remoteWrite = new RemoteWrite({
      output,
      clock: world.clock,
      onReceived: ({ samples, histograms, exemplars, refused }) => {
        metrics.samples.inc(samples);
        metrics.histograms.inc(histograms);
        metrics.exemplars.inc(exemplars);
        metrics.invalid.inc(refused);
      },
    });
    const pushgateway = new Pushgateway(groups, (samples) => metrics.samples.inc(samples));
    const routes = new ReceiveRoutes(limitsOf(first), remoteWrite, pushgateway, (api, status) =>
      metrics.requests.inc({ api, code: String(status) }),
    );
    let place = first;
    const newServer = () => receivingServer(place, context, words, (request) => routes.answer(request));
    const server = new MovingServer(newServer());

    return {
      run: (stop) => together(stop, [(end) => server.run(end), (end) => groups.run(end)]),
      update(next) {
        const moves = !isSamePlace(next, place);
        place = next;
        routes.limits = limitsOf(next);
        groups.update(pushSettings(next));
        if (moves) server.moveTo(newServer());
      },
      debug: () => ({
        url: server.url,
        listening: server.isListening,
        requests_under_way: routes.underWay,
        remote_write_series: remoteWrite.series,
        pushed_groups: groups.size,
        groups: groups.view(shownGroups),
      }),
    };
  },
});

const shownGroups = 100;

const words = {
  down: "metrics cannot be received",
  upAgain: "metrics can be received again",
  open: "everybody who reaches this address can write metrics; listen on 127.0.0.1 or set web_config_file",
};

function limitsOf({ max_request_size, max_requests }: Config): ReceiveLimits {
  return { maxRequestSize: max_request_size, maxRequests: max_requests };
}

function pushSettings({ push_interval, push_ttl, max_pushed_series }: Config): PushSettings {
  return { intervalMs: push_interval, ttlMs: push_ttl, maxSeries: max_pushed_series };
}

/** Runs them together: one that fails stops the others, and is what this rejects with once all have ended. */
async function together(stop: AbortSignal, tasks: readonly ((end: AbortSignal) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController();
  const end = AbortSignal.any([stop, failed.signal]);
  const results = await Promise.allSettled(tasks.map((task) => task(end).finally(() => failed.abort())));
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
