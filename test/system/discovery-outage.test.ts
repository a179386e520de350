import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startDnsmasq } from "../support/dnsmasq.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

await describeWithServers("a discovery whose server goes away", ["dnsmasq"], () => {
  test("an agent that is killed and started again during the outage goes on with the targets of before", async () => {
    using dir = tempDir();
    const port = await freePort();
    const config = join(dir.path, "sonde.yaml");
    const discovery = { names: ["app.test"], type: "A", port: 9100, servers: [`127.0.0.1:${port}`] };
    writeFileSync(
      config,
      JSON.stringify({
        "discovery.dns.apps": { ...discovery, refresh_interval: "1s" },
        "prometheus.scrape.apps": { targets: ["discovery.dns.apps"], forward_to: ["prometheus.echo.out"] },
        "prometheus.echo.out": {},
      }),
    );
    const run = () =>
      sonde(["run", config, "--storage.path", join(dir.path, "data"), "--http.listen-address", "127.0.0.1:0"]);
    const record = (address: string) => [`--host-record=app.test,${address}`];
    const dns = await startDnsmasq(port, record("127.0.0.1"));
    await using first = run();
    await eventually(async () => expect(await addresses(first)).toEqual(["127.0.0.1:9100"]));
    await dns.stop();
    await eventually(async () => expect(await health(first)).toMatch(/cannot look up app\.test: .*ECONNREFUSED/));
    first.kill("SIGKILL");
    await first.exited;

    await using second = run();
    await eventually(async () => expect(await addresses(second)).toEqual(["127.0.0.1:9100"]));
    expect(await health(second)).toContain("the last good targets stay until it is mended");
    await using _back = await startDnsmasq(port, record("127.0.0.2"));
    await eventually(async () => expect(await addresses(second)).toEqual(["127.0.0.2:9100"]));
    expect(await health(second)).toBe("");
  }, 120_000);
});

type Agent = ReturnType<typeof sonde>;

async function ask(agent: Agent, path: string): Promise<Record<string, unknown>> {
  const [, url = ""] = await agent.output(/Look at +(http:\/\/\S+?)\/ /);
  const { data } = (await (await fetch(`${url}${path}`)).json()) as { data: Record<string, unknown> };
  return data;
}

async function addresses(agent: Agent): Promise<string[]> {
  const { activeTargets } = (await ask(agent, "/api/v1/targets")) as {
    activeTargets: readonly { discoveredLabels: { __address__: string } }[];
  };
  return activeTargets.map(({ discoveredLabels }) => discoveredLabels.__address__);
}

async function health(agent: Agent): Promise<string> {
  const { health } = (await ask(agent, "/api/v1/components/discovery.dns.apps")) as { health: { reason: string } };
  return health.reason;
}
