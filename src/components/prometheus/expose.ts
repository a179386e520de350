import { resolve } from "node:path";
import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { parseWebConfig } from "../../config/fields/parse-web-config.ts";
import { listenAddress } from "../../config/fields.ts";
import { landingPage } from "../../engines/expose/landing-page.ts";
import { type Exporter, MetricsPage } from "../../engines/expose/metrics-page.ts";
import { textAnswer } from "../../lib/http-answer.ts";
import { partsHealth } from "../../lib/parts-health.ts";
import { WebConfigFile } from "../../lib/web-server/web-config-file.ts";
import { WebServer } from "../../lib/web-server/web-server.ts";
import { labelValue } from "../../signals/labels.ts";
import type { Gather, Target } from "../../signals/targets.ts";

export const prometheusExpose = defineComponent({
  type: "prometheus.expose",
  summary: "Serves exporters as a /metrics page, for a Prometheus that pulls.",
  description:
    "What a Prometheus has scraped from node_exporter it can scrape from here unchanged: the page, `collect[]` and " +
    "`exclude[]`, and the web config file are the same. Only exporters of this process can be served; series come " +
    "without `job` and `instance`, which the Prometheus that pulls adds. HTTP/1.1 is spoken, with and without TLS.",
  accepts: "targets",
  config: z.strictObject({
    listen_address: listenAddress
      .prefault("127.0.0.1:9100")
      .describe("Where to listen. `:9100` is every interface; then protect it by `web_config_file`."),
    telemetry_path: z
      .string()
      .startsWith("/", "a path begins with /")
      .default("/metrics")
      .describe("Path of the page."),
    max_requests: z.int().min(0).default(40).describe("Scrapes at a time; more are answered with 503. 0 is no limit."),
    disable_exporter_metrics: z
      .boolean()
      .default(false)
      .describe("Leaves out `process_*` and `promhttp_*`, which are about the page itself."),
    web_config_file: z
      .string()
      .min(1, "a file name cannot be empty")
      .optional()
      .describe(
        "Web config file of exporter-toolkit: TLS, users, headers and rate limit. Read again for every request. " +
          "`client_allowed_sans` is refused; `http2` may be set and changes nothing.",
      ),
  }),
  example: `
prometheus.exporter.unix.host: {}

prometheus.expose.node:
  targets: [prometheus.exporter.unix.host]
  listen_address: ":9100"
  web_config_file: web-config.yml
`,

  create(config, { log, configDir, world: { clock, random }, setHealth }) {
    const setProblem = partsHealth(setHealth);
    const page = new MetricsPage({
      maxRequests: config.max_requests,
      exporterMetrics: !config.disable_exporter_metrics,
      procfs: "/proc",
      log,
    });
    const server = new WebServer({
      address: config.listen_address,
      handler: async (request) => {
        const [path] = (request.url ?? "/").split("?", 1);
        if (path === config.telemetry_path) return page.answer(request);
        return path === "/"
          ? landingPage({ title: "Sonde: metrics", telemetryPath: config.telemetry_path })
          : textAnswer(404, "404 page not found\n");
      },
      remedy: { setting: "listen_address", suspect: "node_exporter or another sonde" },
      words,
      webConfigFile:
        config.web_config_file === undefined
          ? undefined
          : new WebConfigFile(resolve(configDir, config.web_config_file), parseWebConfig),
      clock,
      random,
      log,
      onProblem: setProblem,
    });

    return {
      input: {
        async receive(groups) {
          const targets = groups.flatMap((group) => group.targets);
          page.exporters = exportersOf(targets);
          const foreign = targets.filter(({ gather }) => gather === undefined).map(nameOf);
          setProblem("targets", foreign.length === 0 ? undefined : refusalOf(foreign));
        },
      },
      async run(stop) {
        await server.run(stop);
        page.close();
      },
      debug: () => ({
        url: server.url + config.telemetry_path,
        listening: server.isListening,
        exporters: page.exporters.map(({ name }) => name),
        requests: page.requests,
      }),
    };
  },
});

const words = {
  down: "metrics are not served",
  upAgain: "metrics are served again",
  open: "everybody who reaches this address can read the metrics; listen on 127.0.0.1 or set web_config_file",
};

/** An exporter that comes by two ways is one exporter. */
function exportersOf(targets: readonly Target[]): Exporter[] {
  const exporters = new Map<Gather, Exporter>();
  for (const target of targets) {
    const { gather } = target;
    if (gather !== undefined && !exporters.has(gather)) exporters.set(gather, { name: nameOf(target), gather });
  }
  return [...exporters.values()];
}

function nameOf({ labels }: Target): string {
  return labelValue(labels, "__meta_component_id") || labelValue(labels, "__address__");
}

function refusalOf(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  const are = names.length === 1 ? "is not an exporter" : "are not exporters";
  return `${names.slice(0, 3).join(", ")}${more} ${are} of this process and cannot be served here; let Prometheus scrape ${names.length === 1 ? "it" : "them"} directly`;
}
