import { randomInt } from "node:crypto";
import { z } from "zod";
import { counter, defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { dnsServer } from "../../config/fields/dns.ts";
import { positiveDuration } from "../../config/fields.ts";
import { Discovery } from "../../engines/discovery/discovery.ts";
import { DnsSearch } from "../../engines/discovery/dns/search.ts";
import { dnsTypes, type RecordType } from "../../formats/dns/record.ts";
import { realDisk } from "../../lib/disk-real.ts";

const recordType = z
  .string({ error: "expected a record type" })
  .transform((type) => type.toUpperCase())
  .pipe(z.enum(Object.keys(dnsTypes) as [RecordType, ...RecordType[]]));

export const discoveryDns = defineComponent({
  type: "discovery.dns",
  summary: "Turns DNS answers into scrape targets.",
  description:
    "The targets and labels are those of Prometheus' `dns_sd_configs`. Names are looked up as `/etc/resolv.conf` says, " +
    "which is read again every time: all servers in turn, over TCP where an answer is too long for UDP, and short names in " +
    "the domains of the search list. A server that fails leaves the targets of a name as they are; so does a name that " +
    "suddenly does not exist, or has no records, for as many answers as `empty_grace` says.",
  emits: "targets",
  metrics: {
    ...discoveryMetrics,
    lookups: counter("prometheus_sd_dns_lookups_total", "Questions that were put to a name server."),
    lookupFailures: counter("prometheus_sd_dns_lookup_failures_total", "Questions that a name server did not answer."),
  },
  config: z
    .strictObject({
      names: z.array(z.string().min(1, "a name cannot be empty")).min(1).describe("Domain names to look up."),
      type: recordType.prefault("SRV").describe("Record type to ask for: `SRV`, `A`, `AAAA`, `MX` or `NS`."),
      port: z
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .describe("Port of every target; required unless the type is SRV, whose records have their own."),
      refresh_interval: positiveDuration
        .prefault("30s")
        .describe("Time between two look-ups; shorter where an answer says that it is good for a shorter time."),
      servers: z
        .array(dnsServer)
        .min(1)
        .optional()
        .describe("Name servers, instead of those of `/etc/resolv.conf`; port 53 if there is none."),
      search: z
        .array(z.string().min(1))
        .optional()
        .describe("Domains in which short names are looked up, instead of those of `/etc/resolv.conf`."),
      timeout: positiveDuration.prefault("2s").describe("How long one server may take to answer."),
      ...discoveryFields,
    })
    .superRefine(({ type, port }, context) => {
      if (type !== "SRV" && port === undefined) {
        context.addIssue({ code: "custom", path: ["port"], message: `records of the type ${type} need a port` });
      }
    }),
  example: `
discovery.dns.nodes:
  names: [_node._tcp.example.com]

discovery.dns.apps:
  names: [apps.example.com]
  type: A
  port: 8080

prometheus.scrape.fleet:
  targets: [discovery.dns.nodes, discovery.dns.apps]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { names, type, port = 0, servers, search, refresh_interval, timeout, empty_grace } = config;
    const { metrics, world } = context;
    const dns = new DnsSearch({
      names,
      type,
      port,
      servers,
      search,
      refreshIntervalMs: refresh_interval,
      timeoutMs: timeout,
      clock: world.clock,
      // Not the world's randomness: who can guess the number can forge an answer.
      randomId: () => randomInt(65_536),
      resolvConf: "/etc/resolv.conf",
      onLookup(isFailure) {
        metrics.lookups.inc();
        if (isFailure) metrics.lookupFailures.inc();
      },
    });
    const identity = JSON.stringify([names, type, port, search]);
    const discovery = new Discovery(dns, { emptyGrace: empty_grace, identity, disk: realDisk }, context);
    return { run: (stop) => discovery.run(stop), debug: () => discovery.debug() };
  },
});
