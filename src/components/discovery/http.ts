import { z } from "zod";
import { counter, defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { httpUrl, positiveDuration } from "../../config/fields.ts";
import { Discovery } from "../../engines/discovery/discovery.ts";
import { HttpSearch } from "../../engines/discovery/http.ts";
import { realDisk } from "../../lib/disk-real.ts";

export const discoveryHttp = defineComponent({
  type: "discovery.http",
  summary: "Gets scrape targets from a web server.",
  description:
    "The protocol is that of Prometheus' `http_sd_configs`: the answer is a JSON list of `{targets: [...], labels: {...}}`, " +
    "with status 200 and content type `application/json`. Every target gets the label `__meta_url`.",
  emits: "targets",
  metrics: {
    ...discoveryMetrics,
    failures: counter("prometheus_sd_http_failures_total", "Requests that did not bring targets."),
  },
  config: z
    .strictObject({
      url: httpUrl.describe("Where the list is."),
      refresh_interval: positiveDuration
        .prefault("60s")
        .describe("Time between two requests, and how long one may take."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine(checkHttpClient),
  example: `
discovery.http.inventory:
  url: https://inventory.example.com/prometheus
  authorization: { credentials_file: /etc/sonde/inventory.token }

prometheus.scrape.fleet:
  targets: [discovery.http.inventory]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { url, refresh_interval, empty_grace } = config;
    const { clock, random } = context.world;
    const search = new HttpSearch({
      url: new URL(url),
      urlText: url,
      client: httpClientOptions(config, context.configDir),
      refreshIntervalMs: refresh_interval,
      clock,
      random,
      onFailure: () => context.metrics.failures.inc(),
    });
    const discovery = new Discovery(search, { emptyGrace: empty_grace, identity: url, disk: realDisk }, context);
    return {
      run: (stop) => discovery.run(stop).finally(() => search.close()),
      debug: () => discovery.debug(),
    };
  },
});
