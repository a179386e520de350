import { z } from "zod";
import { type Component, type Context, counter, defineComponent, gauge } from "../../component.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { pathsBeside } from "../../config/fields/file.ts";
import { listenerTlsConfig, listenerTlsOptions } from "../../config/fields/listener-tls.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { labelName, listenAddress, positiveDuration } from "../../config/fields.ts";
import { byStream } from "../../engines/logs/by-stream.ts";
import { Delivery } from "../../engines/logs/delivery.ts";
import type { ListenerSurroundings } from "../../engines/syslog/listener.ts";
import type { ListenerSettings, SyslogListeners } from "../../engines/syslog/listeners.ts";
import type { ReverseLookup } from "../../engines/syslog/peer-names.ts";
import { syslogFormats } from "../../formats/log-line/syslog-message.ts";
import { formatAddress } from "../../lib/listen-address.ts";
import { partsHealth } from "../../lib/parts-health.ts";
import { labelsFrom } from "../../signals/labels.ts";

const listener = z
  .strictObject({
    address: listenAddress.describe("Where to listen: `127.0.0.1:1514`, or `:1514` for every interface."),
    protocol: z.enum(["tcp", "udp"]).default("tcp").describe("Transport."),
    syslog_format: z
      .enum(syslogFormats)
      .default("rfc5424")
      .describe("Format of the messages; `raw` takes any line, without its priority if it begins with one."),
    labels: z.record(labelName, z.string()).default({}).describe("Labels of every message."),
    label_structured_data: z
      .boolean()
      .default(false)
      .describe("Whether structured data are labels for `relabel_rules`: `__syslog_message_sd_<id>_<name>`."),
    use_incoming_timestamp: z
      .boolean()
      .default(false)
      .describe("Whether the time of an entry is that of the message, if it has one, rather than when it came."),
    use_rfc5424_message: z
      .boolean()
      .default(false)
      .describe("Whether the line is the whole message of RFC 5424 rather than its text."),
    rfc5424_allow_empty_msg: z
      .boolean()
      .default(false)
      .describe("Whether a message of RFC 5424 without text is an entry."),
    max_message_length: z
      .int()
      .min(1)
      .max(16 * 1024 * 1024)
      .default(8192)
      .describe("The longest message, in bytes; longer ones are dropped and counted."),
    idle_timeout: positiveDuration
      .prefault("120s")
      .describe("A connection over which nothing comes for so long is closed. Of TCP."),
    max_connections: z.int().min(1).default(1024).describe("Connections at a time; more are closed at once. Of TCP."),
    udp_queue_size: z
      .int()
      .min(1)
      .default(4096)
      .describe("Datagrams that wait for the receivers; what comes while it is full is dropped and counted. Of UDP."),
    udp_host_cache_size: z
      .int()
      .min(1)
      .default(128)
      .describe("Senders whose names are remembered, for ten minutes. Of TCP, too."),
    raw_format_options: z
      .strictObject({
        use_null_terminator_delimiter: z
          .boolean()
          .default(false)
          .describe("Whether a NUL ends a message rather than a newline."),
      })
      .optional()
      .describe("Settings of `syslog_format: raw`."),
    tls_config: listenerTlsConfig.optional().describe("Speaks TLS, with these. Of TCP."),
  })
  .superRefine((given, context) => {
    if (given.protocol === "udp" && given.tls_config !== undefined) {
      issue(context, "tls_config", "TLS needs protocol: tcp");
    }
    if (given.syslog_format !== "raw" && given.raw_format_options !== undefined) {
      issue(context, "raw_format_options", "it belongs to syslog_format: raw");
    }
  });

const config = z.strictObject({
  listeners: z
    .array(listener)
    .min(1, "at least one listener is needed")
    .superRefine((listeners, context) => {
      const places = listeners.map(({ protocol, address }) => `${protocol} ${formatAddress(address)}`);
      for (const [at, place] of places.entries()) {
        // Port 0 is any port that is free.
        if (places.indexOf(place) === at || place.endsWith(":0")) continue;
        context.addIssue({ code: "custom", path: [at, "address"], message: `two listeners listen on ${place}` });
      }
    })
    .describe("Ports to listen on."),
  relabel_rules: relabelRules.default([]).describe("Relabel rules over the labels of a message, internal ones too."),
});

type Config = z.output<typeof config>;

const selfMetrics = {
  entries: counter("loki_source_syslog_entries_total", "Messages that the receivers took."),
  malformed: counter("loki_source_syslog_parsing_errors_total", "Messages that could not be read, and torn streams."),
  empty: counter("loki_source_syslog_empty_messages_total", "Messages without text that were left out."),
  dropped: counter(
    "dropped_messages_total",
    "Messages that were dropped, by reason: too_long, queue_full, relabel or stopped.",
    ["reason"],
  ),
  connections: gauge("connections", "Connections that are open."),
};

/** Asks DNS for the names of senders. */
export const lokiSourceSyslog = lokiSourceSyslogOf(async (ip) => {
  const { reverseLookup } = await import("../../engines/syslog/peer-names.ts");
  return reverseLookup(ip);
});

export function lokiSourceSyslogOf(lookup: ReverseLookup): Component {
  return defineComponent({
    type: "loki.source.syslog",
    summary: "Takes syslog messages over TCP, TLS and UDP.",
    description:
      "Messages are those of RFC 5424, of RFC 3164, or any lines. Over TCP they are counted or end with a newline; how a " +
      "connection begins decides. Over UDP a datagram is one message. A time of RFC 3164 has no year and no zone: it is " +
      "taken for UTC, in the year that brings it closest to now. The counters, the host and the time in front of the messages " +
      "of Cisco's devices are understood with `syslog_format: rfc3164`.\n\n" +
      "For `relabel_rules` a message has the labels `__syslog_message_severity` (`emergency`, `alert`, `critical`, `error`, " +
      "`warning`, `notice`, `informational`, `debug`), `__syslog_message_facility`, `__syslog_message_hostname`, " +
      "`__syslog_message_app_name`, `__syslog_message_proc_id`, `__syslog_message_msg_id`, " +
      "`__syslog_connection_ip_address` and `__syslog_connection_hostname`. The last one is asked of DNS, and only if a " +
      "rule looks at it. Labels that begin with `__` end here, but for `__tenant_id__`. A message that would have no label " +
      "at all gets `job` with the id of the component, because Loki takes none without.\n\n" +
      "Syslog has no acknowledgement. While a receiver has no room, connections are not read, so that senders wait; " +
      "datagrams wait in a queue of `udp_queue_size`. A sender that cannot wait loses what it sends meanwhile, and what " +
      "was on its way when the agent stops is lost.",
    emits: "logs",
    metrics: selfMetrics,
    config,
    example: `
loki.source.syslog.network:
  listeners:
    - { address: "127.0.0.1:1514", labels: { job: syslog } }
    - { address: "127.0.0.1:1514", protocol: udp, syslog_format: rfc3164, labels: { job: syslog } }
  relabel_rules:
    - { source_labels: [__syslog_message_hostname], target_label: host }
    - { source_labels: [__syslog_message_severity], target_label: level }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

    create: (given, context) => createSource(given, context, lookup),
  });
}

function createSource(
  first: Config,
  { id, output, metrics, log, configDir, world, setHealth }: Context<"logs", typeof selfMetrics>,
  lookup: ReverseLookup,
) {
  const { clock, random } = world;
  const delivery = new Delivery({ output, clock, random, log });
  let connections = 0;
  metrics.connections.set(connections);
  const settings = (given: Config) => listenerSettings(given, id, configDir);
  const surroundings: ListenerSurroundings = {
    clock,
    random,
    log,
    lookup,
    deliver: (entries, stop) => delivery.deliver(byStream(entries), stop),
    onProblem: partsHealth(setHealth),
    count: {
      entries: (count) => metrics.entries.inc(count),
      malformed: () => metrics.malformed.inc(),
      empty: () => metrics.empty.inc(),
      dropped: (reason, count) => metrics.dropped.inc({ reason }, count),
      connections: (change) => {
        connections += change;
        metrics.connections.set(connections);
      },
    },
  };
  let current = first;
  let listeners: SyslogListeners | undefined;

  return {
    async run(stop: AbortSignal) {
      // Loaded late: an agent does not pay for what its config does not use.
      const engine = await import("../../engines/syslog/listeners.ts");
      listeners = new engine.SyslogListeners(settings(current), surroundings);
      await listeners.run(stop);
    },
    // Senders are not cut off by a change of labels or rules.
    update(next: Config) {
      current = next;
      listeners?.update(settings(next));
    },
    debug: () => ({ listeners: listeners?.view() ?? [] }),
  };
}

function listenerSettings({ listeners, relabel_rules }: Config, id: string, configDir: string): ListenerSettings[] {
  return listeners.map((given) => ({
    place: {
      address: given.address,
      protocol: given.protocol,
      tls: given.tls_config && listenerTlsOptions(given.tls_config, pathsBeside(configDir)),
      maxConnections: given.max_connections,
      idleTimeoutMs: given.idle_timeout,
      maxMessageLength: given.max_message_length,
      delimiter: given.raw_format_options?.use_null_terminator_delimiter === true ? "\0" : "\n",
      queueSize: given.udp_queue_size,
      hostCacheSize: given.udp_host_cache_size,
    },
    messages: {
      format: given.syslog_format,
      labels: labelsFrom(given.labels),
      rules: relabel_rules,
      fallbackLabels: labelsFrom({ job: id }),
      labelStructuredData: given.label_structured_data,
      useIncomingTimestamp: given.use_incoming_timestamp,
      useRfc5424Message: given.use_rfc5424_message,
      allowEmpty: given.rfc5424_allow_empty_msg,
    },
  }));
}
