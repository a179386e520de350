import { expect, test } from "vitest";
import { ComponentMetrics } from "../../src/agent/self-metrics.ts";
import { counter, gauge, histogram } from "../../src/component.ts";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { fakeComponent } from "../support/graph-fixtures.ts";

const component = {
  ...fakeComponent("discovery.dns", { emits: "targets" }, () => ({})),
  metrics: {
    failures: counter("lookup_failures_total", "Look-ups that failed."),
    pending: gauge("prometheus_remote_storage_samples_pending", "Samples that wait.", ["remote_name"]),
    seconds: histogram("lookup_seconds", "Duration of a look-up.", [0.5, 1]),
  },
};

test("series carry the component's id; upstream's names stay, others say whose they are", async () => {
  const metrics = new ComponentMetrics(() => 0);
  const meters = metrics.meters("discovery.dns.fleet", component) as Record<string, never> & {
    failures: { inc(n?: number): void };
    pending: { set(labels: object, n: number): void };
    seconds: { observe(n: number): void };
  };
  meters.failures.inc();
  meters.pending.set({ remote_name: "a,b" }, 2);
  meters.seconds.observe(0.7);
  expect(
    renderFamilies(await metrics.gather()),
  ).toBe(`# HELP prometheus_remote_storage_samples_pending Samples that wait.
# TYPE prometheus_remote_storage_samples_pending gauge
prometheus_remote_storage_samples_pending{component_id="discovery.dns.fleet",remote_name="a,b"} 2
# HELP sonde_discovery_dns_lookup_failures_total Look-ups that failed.
# TYPE sonde_discovery_dns_lookup_failures_total counter
sonde_discovery_dns_lookup_failures_total{component_id="discovery.dns.fleet"} 1
# HELP sonde_discovery_dns_lookup_seconds Duration of a look-up.
# TYPE sonde_discovery_dns_lookup_seconds histogram
sonde_discovery_dns_lookup_seconds_bucket{component_id="discovery.dns.fleet",le="0.5"} 0
sonde_discovery_dns_lookup_seconds_bucket{component_id="discovery.dns.fleet",le="1.0"} 1
sonde_discovery_dns_lookup_seconds_bucket{component_id="discovery.dns.fleet",le="+Inf"} 1
sonde_discovery_dns_lookup_seconds_sum{component_id="discovery.dns.fleet"} 0.7
sonde_discovery_dns_lookup_seconds_count{component_id="discovery.dns.fleet"} 1
`);
});

test("a component that restarts goes on counting, and one that is gone leaves no series", async () => {
  const metrics = new ComponentMetrics(() => 0);
  const first = metrics.meters("discovery.dns.a", component);
  expect(metrics.meters("discovery.dns.a", component)).toBe(first);
  metrics.meters("discovery.dns.b", component);
  metrics.keep(new Set(["discovery.dns.b"]));
  const ids = (await metrics.gather()).flatMap(({ samples }) => samples.map(({ labels }) => labels[1]));
  expect(new Set(ids)).toEqual(new Set(["discovery.dns.b"]));
});
