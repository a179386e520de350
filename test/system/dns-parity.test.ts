import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { dnsmasqCommand } from "../support/dnsmasq.ts";
import { runProcess } from "../support/process.ts";
import { programPath } from "../support/servers.ts";
import { root } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const many = Array.from({ length: 400 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);

const records = [
  "--srv-host=_web._tcp.test,one.test,8080",
  "--srv-host=_web._tcp.test,two.test,8081",
  "--srv-host=_web._tcp.sub.test,one.sub.test,9090",
  "--host-record=one.test,10.0.0.1,2001:db8::1",
  "--host-record=one.test,10.0.0.2,2001:db8:0:0:1::1",
  "--host-record=one.sub.test,10.0.0.3,::1",
  "--cname=alias.test,one.test",
  "--mx-host=mail.test,mx1.test,10",
  "--mx-host=mail.test,mx2.test,20",
  `--dns-rr=zone.test,2,${Buffer.from("\x03ns1\x04test\x00").toString("hex")}`,
  ...many.map((address) => `--host-record=many.test,${address}`),
];

const jobs = {
  srv: { names: ["_web._tcp.test", "_web._tcp", "_none._tcp.test"] },
  a: { names: ["one.test", "one.test.", "one", "alias.test", "none.test"], type: "A", port: 80 },
  aaaa: { names: ["one.test", "one"], type: "AAAA", port: 9100 },
  mx: { names: ["mail.test"], type: "MX", port: 25 },
  ns: { names: ["zone.test"], type: "NS", port: 53 },
  tcp: { names: ["many.test"], type: "A", port: 1 },
  failing: { names: ["one.test", "elsewhere.example"], type: "A", port: 80 },
};

type Labels = Readonly<Record<string, string>>;

/**
 * Prometheus asks the name servers of /etc/resolv.conf only, at port 53. So all of it runs in namespaces of its own, in which
 * that file is another one and port 53 is free; that takes no root where the kernel lets users make namespaces.
 */
const inNamespaces = ["--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child"];

const canMakeNamespaces = (await runProcess("unshare", [...inNamespaces, "ip", "link", "set", "lo", "up"])).code === 0;

await describeWithServers("names in DNS beside the real Prometheus", ["dnsmasq", "promtool"], () => {
  test.runIf(canMakeNamespaces || process.env.CI)(
    "the same answers become the same targets",
    async () => {
      using dir = tempDir();
      const names = Object.keys(jobs) as (keyof typeof jobs)[];
      const scrape_configs = names.map((job_name) => ({ job_name, dns_sd_configs: [jobs[job_name]] }));
      writeFileSync(join(dir.path, "prometheus.yml"), JSON.stringify({ scrape_configs }));
      const discoveries = names.map((name) => [`discovery.dns.${name}`, jobs[name]]);
      writeFileSync(join(dir.path, "sonde.yaml"), JSON.stringify(Object.fromEntries(discoveries)));
      writeFileSync(join(dir.path, "resolv.conf"), "nameserver 127.0.0.1\nsearch nowhere.test sub.test\n");
      writeFileSync(join(dir.path, "run.sh"), await script(dir.path, names));
      const { code, stderr } = await runProcess("unshare", [...inNamespaces, "sh", "-eu", join(dir.path, "run.sh")]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const name of names) {
        const theirs = JSON.parse(read(dir.path, `${name}.promtool`)) as { discoveredLabels: Labels }[];
        const ours = read(dir.path, `${name}.sonde`)
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Labels);
        expect(sorted(ours), name).toEqual(sorted(theirs.map(({ discoveredLabels }) => discoveredLabels)));
      }
      const counts = names.map((name) => read(dir.path, `${name}.sonde`).trimEnd().split("\n").length);
      expect(counts).toEqual([3, 7, 3, 2, 1, 400, 2]);
    },
    120_000,
  );
});

/** What promtool found comes out after its timeout, however soon it is there. */
async function script(dir: string, names: readonly string[]): Promise<string> {
  const dnsmasq = (await dnsmasqCommand(53, records, "root")).map((text) => `'${text}'`).join(" ");
  const promtool = await programPath("promtool");
  const runs = names.flatMap((name) => [
    `${promtool} check service-discovery --timeout=5s prometheus.yml ${name} > ${name}.promtool 2> ${name}.log &`,
    `(${root}/bin/sonde tools discover sonde.yaml discovery.dns.${name} > ${name}.sonde 2>> ${name}.log || true) &`,
  ]);
  return `
cd ${dir}
ip link set lo up
mount --bind resolv.conf /etc/resolv.conf
${dnsmasq} > dnsmasq.log 2>&1 &
until grep -qs started dnsmasq.log; do sleep 0.1; done
jobs=""
${runs.map((run) => `${run}\njobs="$jobs $!"`).join("\n")}
for job in $jobs; do wait $job; done
`;
}

function read(dir: string, name: string): string {
  return readFileSync(join(dir, name), "utf8");
}

/** Only what discovery says: a job adds its own labels. A target that two names lead to is one of each. */
function sorted(targets: readonly Labels[]): string[] {
  return targets
    .map((labels) => Object.entries(labels).filter(([name]) => name === "__address__" || name.startsWith("__meta_")))
    .map((labels) => JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort();
}
