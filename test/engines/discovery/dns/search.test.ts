import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DnsSearch, type DnsSearchOptions } from "../../../../src/engines/discovery/dns/search.ts";
import type { Found } from "../../../../src/engines/discovery/search.ts";
import { systemClock } from "../../../../src/lib/clock.ts";
import { describeError } from "../../../../src/lib/errors.ts";
import { formatLabels } from "../../../../src/signals/labels.ts";
import { describeWithServers } from "../../../support/describe-with-servers.ts";
import { startDnsmasq } from "../../../support/dnsmasq.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { freePort } from "../../../support/http-server.ts";
import { tempDir } from "../../../support/temp-dir.ts";

interface Looked {
  readonly targets: readonly string[];
  readonly failures: readonly string[];
  readonly refreshAfterMs: number | undefined;
  readonly lookups: readonly ("answered" | "failed")[];
}

async function look(options: Partial<DnsSearchOptions>, stop = new AbortController().signal): Promise<Looked> {
  const lookups: ("answered" | "failed")[] = [];
  const search = new DnsSearch({
    names: [],
    type: "A",
    port: 80,
    refreshIntervalMs: 30_000,
    resolvConf: "/nowhere",
    search: [],
    clock: systemClock,
    randomId: () => 4711,
    timeoutMs: 5_000,
    onLookup: (isFailure) => lookups.push(isFailure ? "failed" : "answered"),
    ...options,
  });
  const { groups, failures, refreshAfterMs } = (await search.refresh(stop)) as Found;
  return {
    targets: groups.flatMap(({ source, targets }) =>
      targets.map(({ labels }) => formatLabels(labels).replace(`, __meta_dns_name="${source}"`, "")),
    ),
    failures: [...(failures?.values() ?? [])].map(describeError),
    refreshAfterMs,
    lookups,
  };
}

const many = Array.from({ length: 300 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);

const records = [
  "--srv-host=_web._tcp.test,one.test,8080",
  "--srv-host=_web._tcp.test,two.test,8081",
  "--host-record=one.test,10.0.0.1,2001:db8::1",
  "--host-record=one.sub.test,10.0.0.3",
  "--cname=alias.test,one.test",
  "--mx-host=mail.test,mx1.test,10",
  `--dns-rr=zone.test,2,${Buffer.from("\x03ns1\x04test\x00").toString("hex")}`,
  ...many.map((address) => `--host-record=many.test,${address}`),
  "--local-ttl=7",
];

await describeWithServers("names at a real dnsmasq", ["dnsmasq"], () => {
  test("records of every type become targets with Prometheus' labels", async () => {
    const port = await freePort();
    await using _server = await startDnsmasq(port, records);
    async function f(type: DnsSearchOptions["type"], name: string, want: string[]) {
      const { targets, failures } = await look({ type, names: [name], servers: [`127.0.0.1:${port}`] });
      expect({ targets: targets.toSorted(), failures }).toEqual({ targets: want, failures: [] });
    }
    await f("SRV", "_web._tcp.test", [
      '{__address__="one.test:8080", __meta_dns_srv_record_port="8080", __meta_dns_srv_record_target="one.test."}',
      '{__address__="two.test:8081", __meta_dns_srv_record_port="8081", __meta_dns_srv_record_target="two.test."}',
    ]);
    await f("A", "one.test", ['{__address__="10.0.0.1:80"}']);
    await f("A", "ALIAS.test.", ['{__address__="10.0.0.1:80"}']);
    await f("AAAA", "one.test", ['{__address__="[2001:db8::1]:80"}']);
    await f("MX", "mail.test", ['{__address__="mx1.test:80", __meta_dns_mx_record_target="mx1.test."}']);
    await f("NS", "zone.test", ['{__address__="ns1.test:80", __meta_dns_ns_record_target="ns1.test."}']);
    await f("MX", "one.test", []);
    await f("A", "nowhere.test", []);
  });

  test("an answer too long for a datagram is fetched over TCP, and its time to live is respected", async () => {
    const port = await freePort();
    await using _server = await startDnsmasq(port, records);
    const { targets, refreshAfterMs } = await look({ names: ["many.test"], servers: [`127.0.0.1:${port}`] });
    expect(targets.toSorted()).toEqual(many.map((address) => `{__address__="${address}:80"}`).toSorted());
    expect(refreshAfterMs).toBe(7_000);
  });

  test("one name that fails leaves the others alone; a server that is back answers again", async () => {
    const port = await freePort();
    const servers = [`127.0.0.1:${port}`];
    await using first = await startDnsmasq(port, records);
    const mixed = await look({ names: ["elsewhere.example", "one.test"], servers });
    expect(mixed.targets).toEqual(['{__address__="10.0.0.1:80"}']);
    expect(mixed.failures).toEqual([`cannot look up elsewhere.example: ${servers[0]} answers REFUSED`]);
    await first.stop();
    const stopped = await look({ names: ["one.test"], servers });
    expect(stopped.targets).toEqual([]);
    expect(stopped.failures).toEqual([expect.stringMatching(/^cannot look up one.test: .*ECONNREFUSED/)]);
    await using _second = await startDnsmasq(port, records);
    expect((await look({ names: ["one.test"], servers })).targets).toEqual(['{__address__="10.0.0.1:80"}']);
  });

  test("the settings of the system say who is asked, and what short names are short for", async () => {
    const port = await freePort();
    await using _server = await startDnsmasq(port, records);
    using dir = tempDir();
    const resolvConf = join(dir.path, "resolv.conf");
    writeFileSync(resolvConf, "nameserver 127.0.0.2\nsearch nowhere.test sub.test\n");
    const names = ["one"];
    const servers = [`127.0.0.1:${port}`];
    expect((await look({ names, servers, search: undefined, resolvConf })).targets).toEqual([
      '{__address__="10.0.0.3:80"}',
    ]);
    expect((await look({ names, servers, search: ["test"] })).targets).toEqual(['{__address__="10.0.0.1:80"}']);
  });

  test("where a server fails the next one is asked, and only its answer counts", async () => {
    const port = await freePort();
    await using _server = await startDnsmasq(port, records);
    await using failing = await scriptedServer(servfail);
    const servers = [failing.address, `127.0.0.1:${port}`];
    const { targets, failures, lookups } = await look({ names: ["one.test"], servers });
    expect({ targets, failures }).toEqual({ targets: ['{__address__="10.0.0.1:80"}'], failures: [] });
    expect(lookups).toEqual(["failed", "answered"]);
  });
});

test("SERVFAIL says nothing about a name", async () => {
  await using failing = await scriptedServer(servfail);
  const { failures } = await look({ names: ["one.test"], servers: [failing.address] });
  expect(failures).toEqual([`cannot look up one.test: ${failing.address} answers SERVFAIL`]);
});

test("a server that is silent, or answers something else, is given up after the timeout", async () => {
  const asked = Promise.withResolvers<void>();
  await using silent = await scriptedServer((query) => {
    asked.resolve();
    const forged = servfail(query);
    forged.writeUInt16BE(4712, 0);
    return forged;
  });
  const clock = new FakeClock();
  const looking = look({ names: ["one.test"], servers: [silent.address], clock, timeoutMs: 2_000 });
  await asked.promise;
  await clock.advance(2_000);
  expect((await looking).failures).toEqual([`cannot look up one.test: ${silent.address}: no answer within 2s`]);
});

test("what is no domain name, and no server at all, are failures of that name", async () => {
  const { failures } = await look({ names: ["a..b"], servers: ["127.0.0.1:1"] });
  expect(failures).toEqual(["cannot look up a..b: 127.0.0.1:1: a..b. is not a domain name"]);
  expect((await look({ names: ["a"], servers: [] })).failures).toEqual([
    "cannot look up a: there is no name server to ask",
  ]);
});

/** The query, made an answer. */
function servfail(query: Buffer): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE(0x8182, 2);
  return answer;
}

async function scriptedServer(answer: (query: Buffer) => Buffer) {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => socket.send(answer(query), port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, "close");
    },
  };
}
