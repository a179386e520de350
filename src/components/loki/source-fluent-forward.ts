import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Context, counter, defineComponent, gauge } from "../../component.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { pathsBeside } from "../../config/fields/file.ts";
import { listenerTlsConfig, listenerTlsOptions } from "../../config/fields/listener-tls.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { bytes, duration, labelName, listenAddress, secret } from "../../config/fields.ts";
import type { ForwardSurroundings } from "../../engines/fluent/forward-server.ts";
import type { ForwardSettings, MovingForwardServer } from "../../engines/fluent/moving-forward-server.ts";
import { byStream } from "../../engines/logs/by-stream.ts";
import { Delivery } from "../../engines/logs/delivery.ts";
import { partsHealth } from "../../lib/parts-health.ts";
import { labelsFrom } from "../../signals/labels.ts";

const config = z
  .strictObject({
    listen_address: listenAddress
      .prefault("127.0.0.1:24224")
      .describe("Where to listen. `:24224` is every interface; then protect it by `shared_key` or `tls_config`."),
    labels: z.record(labelName, z.string()).default({}).describe("Labels of every event."),
    tag_label: z.string().default("tag").describe("Label that gets the tag; empty for none."),
    relabel_rules: relabelRules.default([]).describe("Relabel rules over the labels of an event, internal ones too."),
    line_format: z
      .enum(["json", "key"])
      .default("json")
      .describe("Whether the line is the whole record as JSON, or the value of one of `line_keys`."),
    line_keys: z
      .array(z.string())
      .min(1, "at least one key is needed")
      .default(["log", "message"])
      .describe("Keys of which the first one that a record has is the line; a record without any is JSON."),
    shared_key: secret.optional().describe("Key that clients have to know."),
    self_hostname: z
      .string()
      .min(1, "a name cannot be empty")
      .optional()
      .describe("How the agent calls itself to clients that know the key; its host name if left out."),
    users: z
      .array(
        z.strictObject({
          username: z.string().min(1, "a name cannot be empty").describe("Name of the user."),
          password: secret.describe("Password of the user."),
        }),
      )
      .default([])
      .describe("Users, one of whom a client has to be, besides knowing the key."),
    max_message_size: bytes
      .refine((size) => size > 0, "must be larger than 0B")
      .prefault("32MiB")
      .describe("The largest message, also decompressed. A client that sends a larger one is cut off."),
    max_connections: z.int().min(1).default(512).describe("Connections at a time; more are closed at once."),
    idle_timeout: duration
      .prefault("0s")
      .describe("A connection over which nothing comes for so long is closed; 0s is never."),
    udp_heartbeat: z.boolean().default(false).describe("Whether heartbeats over UDP are answered, at the same port."),
    tls_config: listenerTlsConfig.optional().describe("Speaks TLS, with these."),
  })
  .superRefine(({ users, shared_key }, context) => {
    if (users.length > 0 && shared_key === undefined) issue(context, "users", "users need a shared_key, too");
  });

type Config = z.output<typeof config>;

const selfMetrics = {
  entries: counter("entries_total", "Events that the receivers took."),
  dropped: counter("dropped_events_total", "Events that were dropped, by reason: malformed or relabel.", ["reason"]),
  refused: counter("refused_clients_total", "Clients that were refused or cut off."),
  connections: gauge("connections", "Connections that are open."),
};

export const lokiSourceFluentForward = defineComponent({
  type: "loki.source.fluent_forward",
  summary: "Takes events that Fluentd, Fluent Bit and Docker forward.",
  description:
    "It speaks version 1 of Fluentd's forward protocol in all of its modes, packed and compressed (gzip, zstd) ones " +
    "among them. A message is acknowledged, if the client asks for that, once every receiver in `forward_to` has its " +
    "events; while a receiver has no room, no more is read and clients wait. So nothing is lost where the client has " +
    "`require_ack_response` (Fluent Bit: `Require_ack_response`) on; some events may come twice.\n\n" +
    "An event is a line with its tag in the label `tag`. The line is the record as JSON, or with `line_format: key` the " +
    "value of `log` or `message`, and then the rest of the record is left out but for what the rules make of it: for " +
    "`relabel_rules` an event has the labels `__fluent_tag`, `__fluent_connection_ip_address`, and " +
    "`__fluent_record_<key>` for each text, number or boolean of the record; other characters than letters, digits and " +
    "`_` in a key are `_`. Labels that begin with `__` end here, but for `__tenant_id__`. The time is that of the event. " +
    "An entry that is no event is left out and counted. Metadata of Fluent Bit's events are not looked at, and its " +
    "metrics and traces are refused.\n\n" +
    "A client that sends what is no message is cut off, with a line in the log that says why; its message is not " +
    "acknowledged.",
  emits: "logs",
  metrics: selfMetrics,
  config,
  example: `
loki.source.fluent_forward.containers:
  listen_address: "127.0.0.1:24224"
  labels: { job: docker }
  line_format: key
  relabel_rules:
    - { source_labels: [__fluent_record_container_name], regex: "/(.*)", target_label: container }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create(first, context) {
    const settings = (given: Config) => forwardSettings(given, context);
    const surroundings = surroundingsOf(context);
    let current = first;
    let server: MovingForwardServer | undefined;

    return {
      async run(stop) {
        // Loaded late: an agent does not pay for what its config does not use.
        const engine = await import("../../engines/fluent/moving-forward-server.ts");
        server = new engine.MovingForwardServer(settings(current), surroundings);
        await server.run(stop);
      },
      // Clients that ask for no acknowledgement would lose what is on its way.
      update(next) {
        current = next;
        server?.update(settings(next));
      },
      debug: () => server?.view() ?? {},
    };
  },
});

type FluentContext = Context<"logs", typeof selfMetrics>;

function surroundingsOf({ output, metrics, log, world, setHealth }: FluentContext): ForwardSurroundings {
  const { clock, random } = world;
  const delivery = new Delivery({ output, clock, random, log });
  let connections = 0;
  metrics.connections.set(connections);
  return {
    clock,
    random,
    randomBytes,
    log,
    deliver: (entries, stop) => delivery.deliver(byStream(entries), stop),
    onProblem: partsHealth(setHealth),
    count: {
      entries: (count) => metrics.entries.inc(count),
      dropped: (reason, count) => metrics.dropped.inc({ reason }, count),
      refused: () => metrics.refused.inc(),
      connections: (change) => {
        connections += change;
        metrics.connections.set(connections);
      },
    },
  };
}

function forwardSettings(given: Config, { id, configDir, world }: FluentContext): ForwardSettings {
  const { shared_key: sharedKey, users, self_hostname: hostname = world.hostname } = given;
  return {
    place: {
      address: given.listen_address,
      tls: given.tls_config && listenerTlsOptions(given.tls_config, pathsBeside(configDir)),
      handshake: sharedKey && { sharedKey, users, hostname },
      answersHeartbeats: given.udp_heartbeat,
      maxConnections: given.max_connections,
      idleTimeoutMs: given.idle_timeout === 0 ? Number.POSITIVE_INFINITY : given.idle_timeout,
      maxMessageSize: given.max_message_size,
    },
    events: {
      labels: labelsFrom(given.labels),
      tagLabel: given.tag_label,
      rules: given.relabel_rules,
      fallbackLabels: labelsFrom({ job: id }),
      lineFormat: given.line_format,
      lineKeys: given.line_keys,
    },
  };
}
