import { z } from "zod";
import { httpUrl, positiveDuration } from "../fields.ts";
import { dnsServer } from "./dns.ts";
import { checkHttpClient, httpClientFields } from "./http-client.ts";

const minLeaseMs = 5_000;

const etcd = z
  .strictObject({
    endpoints: z.array(httpUrl).min(1).describe("URLs of etcd's members, asked in turn."),
    prefix: z
      .string()
      .regex(/^.*[^/]$/, "expected a prefix that does not end in a slash")
      .default("/sonde")
      .describe("Beginning of the keys; the id of the component and the name of the member follow."),
    lease: positiveDuration
      .refine((ms) => ms >= minLeaseMs, "must be at least 5s")
      .prefault("30s")
      .describe("Time within which the targets of a member that dies are taken over."),
    ...httpClientFields,
  })
  .superRefine(checkHttpClient);

const dns = z.strictObject({
  name: z.string().min(1).describe("Domain name whose addresses are those of the members."),
  type: z.enum(["A", "AAAA"]).default("A").describe("Record type to ask for."),
  refresh_interval: positiveDuration.prefault("30s").describe("Time between two look-ups."),
  servers: z.array(dnsServer).min(1).optional().describe("Name servers, instead of those of `/etc/resolv.conf`."),
});

/** How several agents share the targets of one scrape. */
export const clustering = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .optional()
      .describe(
        "What this member is called among the others; if left out, the host's name, or its address with `dns`.",
      ),
    etcd: etcd.optional().describe("Members hold leases in etcd."),
    members: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Names of all members, where they are always the same."),
    dns: dns.optional().describe("Members stand in DNS."),
  })
  .superRefine((config, context) => {
    const given = (["etcd", "members", "dns"] as const).filter((key) => config[key] !== undefined);
    if (given.length === 1) return;
    const message = "say where the members are known from: one of etcd, members and dns";
    context.addIssue({ code: "custom", path: [], message });
  });

export type Clustering = z.output<typeof clustering>;
