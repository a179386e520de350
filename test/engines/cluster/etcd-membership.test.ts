import { expect, test } from "vitest";
import { EtcdClient } from "../../../src/engines/cluster/etcd-client.ts";
import { EtcdMembership } from "../../../src/engines/cluster/etcd-membership.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { describeError } from "../../../src/lib/errors.ts";
import { describeWithServers } from "../../support/describe-with-servers.ts";
import { startEtcd } from "../../support/etcd.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/http-server.ts";

const stop = new AbortController().signal;

function clientOf(...urls: string[]): EtcdClient {
  return new EtcdClient({
    endpoints: urls.map((url) => new URL(url)),
    client: { followRedirects: true, userAgent: "test" },
    clock: systemClock,
    random: Math.random,
    timeoutMs: 10_000,
  });
}

function member(self: string, client: EtcdClient, instance = self): EtcdMembership {
  return new EtcdMembership({ client, prefix: "/sonde/x/", self, instance, leaseMs: 5_000 });
}

await describeWithServers("members with leases in a real etcd", ["etcd"], () => {
  test("members see each other; one that leaves is gone at once, one that dies when its lease is over", async () => {
    await using etcd = await startEtcd();
    const [a, b, c] = ["a", "b", "ü"].map((name) => member(name, clientOf(etcd.url))) as [
      EtcdMembership,
      EtcdMembership,
      EtcdMembership,
    ];
    expect(await a.look(stop)).toEqual(["a"]);
    await b.look(stop);
    expect(await c.look(stop)).toEqual(["a", "b", "ü"]);
    expect(await a.look(stop)).toEqual(["a", "b", "ü"]);
    await b.leave();
    expect(await a.look(stop)).toEqual(["a", "ü"]);
    // It looks no more, as if it were dead; the other renews its own lease with every look.
    await eventually(async () => expect(await a.look(stop)).toEqual(["a"]));
    expect(await c.look(stop)).toEqual(["a", "ü"]);
    await a.leave();
    await c.leave();
  }, 60_000);

  test("other prefixes are other clusters, and a name belongs to one process only", async () => {
    await using etcd = await startEtcd();
    const client = clientOf(etcd.url);
    const first = member("a", client, "first");
    const second = member("a", client, "second");
    const elsewhere = new EtcdMembership({ client, prefix: "/sonde/x0/", self: "z", instance: "z", leaseMs: 5_000 });
    await elsewhere.look(stop);
    expect(await first.look(stop)).toEqual(["a"]);
    expect(await second.look(stop)).toEqual(["a"]);
    await expect(first.look(stop)).rejects.toThrow("another member calls itself a, too");
    await client.call("/v3/kv/deleterange", { key: Buffer.from("/sonde/x/a").toString("base64") }, stop);
    await expect(second.look(stop)).rejects.toThrow("the key of a is gone from etcd");
    expect(await second.look(stop)).toEqual(["a"]);
    await client.close();
  }, 60_000);

  test("an endpoint that does not answer is passed over", async () => {
    await using etcd = await startEtcd();
    const dead = `http://127.0.0.1:${await freePort()}`;
    const a = member("a", clientOf(dead, etcd.url));
    expect(await a.look(stop)).toEqual(["a"]);
    await a.leave();
    const lost = member("a", clientOf(dead));
    const failure = await lost.look(stop).catch(describeError);
    expect(failure).toMatch(new RegExp(`^etcd at ${new URL(dead).host}: .*`));
    await lost.leave();
  }, 60_000);
});
