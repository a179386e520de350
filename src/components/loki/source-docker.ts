import { z } from "zod";
import { type Context, counter, defineComponent } from "../../component.ts";
import { dockerHost } from "../../config/fields/docker-host.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { labelName, positiveDuration } from "../../config/fields.ts";
import { byStream, type LogEntry } from "../../engines/logs/by-stream.ts";
import { Delivery } from "../../engines/logs/delivery.ts";
import { DockerLogs } from "../../engines/logs/docker/docker-logs.ts";
import { DockerEngine } from "../../engines/logs/docker/engine.ts";
import { Room } from "../../engines/logs/flight.ts";
import { Positions } from "../../engines/logs/positions.ts";
import type { ContainerLine, OutputStream } from "../../formats/log-line/docker-stream.ts";
import { SourceRelabeler } from "../../formats/relabel/source-relabeler.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { engineAddress } from "../../lib/docker-engine.ts";
import { bug } from "../../lib/errors.ts";
import { HttpClient } from "../../lib/http-client.ts";
import { partsHealth } from "../../lib/parts-health.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";

const config = z
  .strictObject({
    host: dockerHost,
    refresh_interval: positiveDuration
      .prefault("60s")
      .describe("The longest time until the log of a container that has stopped is looked at again."),
    labels: z
      .record(labelName, z.string())
      .default({})
      .describe("Labels of every entry; they win over those of the target."),
    relabel_rules: relabelRules
      .default([])
      .describe(
        "Relabel rules over the labels of the target and `__meta_docker_container_log_stream`, `stdout` or `stderr`.",
      ),
    ...httpClientFields,
  })
  .superRefine(checkHttpClient);

/** Bytes of all logs that the receivers have not taken yet. */
const mostUnderWay = 8 * 1024 * 1024;

const selfMetrics = {
  entries: counter("loki_source_docker_target_entries_total", "Entries that the receivers took."),
  dropped: counter("dropped_entries_total", "Entries that the rules dropped."),
};

export const lokiSourceDocker = defineComponent({
  type: "loki.source.docker",
  summary: "Reads the logs of Docker containers.",
  description:
    "It reads the containers that are among its targets, by `__meta_docker_container_id` as `discovery.docker` sets it, " +
    "each once however many targets it is. Of a target's labels those that do not begin with `__` are labels of the " +
    "entries; the others end here, but for `__tenant_id__`, and what is to stay of them is for `relabel_rules` to say. An " +
    "entry that would have no label at all gets `job` with the id of the component, because Loki takes none without. " +
    "An entry has the time at which the engine received it. A container is read from its beginning at first, and then " +
    "from the line that the receivers took last, also after a restart of the container or of the agent; what the " +
    "receivers have no room for stays with the engine. The logging driver of the container must be one that can be read, " +
    "such as `json-file`, `local` or `journald`.",
  accepts: "targets",
  emits: "logs",
  metrics: selfMetrics,
  config,
  example: `
discovery.docker.local:
  host: unix:///var/run/docker.sock

loki.source.docker.containers:
  host: unix:///var/run/docker.sock
  targets: [discovery.docker.local]
  relabel_rules:
    - { source_labels: [__meta_docker_container_name], regex: "/(.*)", target_label: container }
    - { source_labels: [__meta_docker_container_log_stream], target_label: stream }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create(given, context) {
    const { dataDir, log, world, setHealth } = context;
    const { clock, random } = world;
    const address = engineAddress(given.host, given.tls_config !== undefined);
    if (address === undefined) throw bug(`${given.host} was checked`);
    const { url, socketPath } = address;
    const client = new HttpClient(
      { ...httpClientOptions(given, context.configDir), ...(socketPath !== undefined && { socketPath }) },
      { clock, random },
    );
    const positions = new Positions({ disk: realDisk, folder: dataDir, clock, log });
    const setProblem = partsHealth(setHealth);
    const said = new Map<string, string>();
    const logs = new DockerLogs({
      engine: new DockerEngine((request) => client.request(request), url, clock),
      positions,
      clock,
      random,
      room: new Room(mostUnderWay),
      refreshIntervalMs: given.refresh_interval,
      take: taker(given, context),
      onProblem(id, reason) {
        const container = id.slice(0, 12);
        if (reason !== undefined && reason !== said.get(id)) {
          log.warn("the log of a container cannot be read", { container, reason });
          said.set(id, reason);
        }
        if (reason === undefined && said.delete(id))
          log.info("the log of a container can be read again", { container });
        setProblem(id, reason && `container ${container}: ${reason}`);
      },
    });

    return {
      input: {
        async receive(groups) {
          const foreign = logs.setTargets(groups);
          setProblem(
            "targets",
            foreign === 0 ? undefined : `${foreign} targets name no container by __meta_docker_container_id`,
          );
        },
      },
      async run(stop) {
        await positions.load();
        await Promise.all([logs.run(stop), positions.run(stop)]);
        await positions.close();
        await client.close();
      },
      debug: () => ({ containers: logs.containers.map((id) => ({ id, position: positions.get(id) ?? null })) }),
    };
  },
});

/** Hands the lines of a container, with the labels of its target, to the receivers. */
function taker(
  { labels: given, relabel_rules }: z.output<typeof config>,
  { id, output, log, metrics, world: { clock, random } }: Context<"logs", typeof selfMetrics>,
) {
  const relabeler = new SourceRelabeler(relabel_rules, labelsFrom({ job: id }));
  const delivery = new Delivery({ output, clock, random, log });
  const streamOf = (target: Labels, stream: OutputStream) =>
    relabeler.relabel(labelsFrom({ ...labelRecord(target), ...given, __meta_docker_container_log_stream: stream }));

  return async (lines: readonly ContainerLine[], target: Labels, stop: AbortSignal): Promise<boolean> => {
    const streams = { stdout: streamOf(target, "stdout"), stderr: streamOf(target, "stderr") };
    const entries = lines.flatMap(({ stream: from, timestamp, line }): LogEntry[] => {
      const stream = streams[from];
      return stream === undefined ? [] : [{ stream, timestamp, line }];
    });
    const isTaken = await delivery.deliver(byStream(entries), stop);
    if (isTaken) {
      metrics.entries.inc(entries.length);
      metrics.dropped.inc(lines.length - entries.length);
    }
    return isTaken;
  };
}
