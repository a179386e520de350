import { setTimeout as sleep } from "node:timers/promises";
import type { StrictLoki } from "../../../test/support/strict-loki.ts";
import { expectEqual, mainPid, page, seriesOf, starts, textOf, until } from "./asked.ts";
import type { Machine } from "./machine.ts";
import type { Receiver } from "./receiver.ts";

/** Between two scrapes. Software emulation is slow. */
const intervalMs = 5000;

type Check = (vm: Machine, receiver: Receiver, loki: StrictLoki) => Promise<string | undefined>;

const send = (port: number, more = "") => `
prometheus.scrape.host:
  targets: [prometheus.exporter.unix.host]
  scrape_interval: ${intervalMs}ms
  scrape_timeout: ${intervalMs}ms
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  endpoints:
    - url: http://10.0.2.2:${port}/api/v1/write
${more}`;

const logs = (port: number) => `
loki.source.journal.system:
  labels: { job: journal }
  forward_to: [loki.write.central]
loki.source.file.var_log:
  paths: ["/var/log/*.log"]
  labels: { job: files }
  forward_to: [loki.write.central]
loki.write.central:
  endpoints:
    - url: http://10.0.2.2:${port}/loki/api/v1/push
`;

/** In the order in which they are made; each begins where the one before it has left the machine. */
export const checks: Readonly<Record<string, Check>> = {
  "the package installs, and the agent runs": async (vm) => {
    await vm.must("dpkg -i /var/tmp/old.deb");
    expectEqual(await vm.must("systemctl is-active sonde; systemctl is-enabled sonde"), "active\nenabled");
    return vm.must("systemctl show sonde -p MemoryCurrent -p TasksCurrent | tr '\\n' ' '");
  },

  "config and state are for root and the agent alone": async (vm) => {
    const paths = "/etc/sonde /etc/sonde/conf.d /etc/sonde/sonde.yaml /var/lib/sonde";
    const expected = `750 root:sonde
750 root:sonde
640 root:sonde
700 sonde:sonde
sonde adm systemd-journal`;
    expectEqual(await vm.must(`stat -c '%a %U:%G' ${paths}; id -nG sonde`), expected);
    return undefined;
  },

  "the unit hides no series": async (vm) => {
    const inside = seriesOf(await page(vm, 9100));
    const flags = "--web.listen-address=127.0.0.1:9200 --web.disable-exporter-metrics";
    await vm.must(`systemd-run --quiet --unit plain -p User=sonde /usr/bin/sonde node-exporter ${flags}`);
    const outside = seriesOf(await until(() => page(vm, 9200), "node_load1"));
    await vm.must("systemctl stop plain");
    const hidden = [...outside].filter((series) => !inside.has(series));
    expectEqual(hidden.join("\n"), "");
    if (![...inside].some((series) => series.startsWith("node_timex_"))) throw new Error("there is no node_timex_*");
    return `${outside.size} node_* series outside, ${inside.size} inside`;
  },

  "the clock's state comes from a service of its own": async (vm) => {
    const text = await page(vm, 9100);
    if (!text.includes('node_scrape_collector_success{collector="timex"} 1')) throw new Error("timex has failed");
    return vm.must("systemctl list-units --no-legend --plain 'sonde-clock*' | awk '{ print $1, $3 }' | xargs");
  },

  "a reload takes a new config, and host metrics arrive": async (vm, receiver) => {
    await vm.must(`cat > /etc/sonde/conf.d/send.yaml <<'E'\n${send(receiver.port)}E\n`);
    const pid = await mainPid(vm);
    await vm.must("systemctl reload sonde");
    await receiver.after(0);
    expectEqual(await mainPid(vm), pid);
    const names = receiver.names();
    for (const name of ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_filesystem_size_bytes"]) {
      if (!names.has(name)) throw new Error(`${name} did not arrive`);
    }
    return `${names.size} names`;
  },

  "lines of the journal and of files of the group adm arrive at a Loki": async (vm, _receiver, loki) => {
    await vm.must(`
      cat > /etc/sonde/conf.d/logs.yaml <<'E'\n${logs(loki.port)}E
      install -m 640 -g adm /dev/null /var/log/proof.log; echo 'a line of a file' > /var/log/proof.log
      systemctl reload sonde; logger 'a line of the journal'`);
    const arrived = async () =>
      Object.entries(loki.lines()).flatMap(([stream, lines]) => lines.map((line) => stream + line));
    await until(async () => (await arrived()).join("\n"), '{job="journal"}a line of the journal');
    await until(
      async () => (await arrived()).join("\n"),
      '{filename="/var/log/proof.log", job="files"}a line of a file',
    );
    await vm.must("rm /etc/sonde/conf.d/logs.yaml /var/log/proof.log; systemctl reload sonde");
    return `${loki.entries.length} entries`;
  },

  "a reload of a bad config fails, and the agent goes on": async (vm, receiver) => {
    await vm.must("echo 'prometheus.scrape.bad: { forward_to: [nobody] }' > /etc/sonde/conf.d/bad.yaml");
    const { code } = await vm.run("systemctl reload sonde");
    if (code === 0) throw new Error("systemctl reload did not fail");
    expectEqual(await vm.must("systemctl is-active sonde"), "active");
    await receiver.after((receiver.scrapes().at(-1) ?? 0) + 2 * intervalMs);
    await vm.must("rm /etc/sonde/conf.d/bad.yaml; systemctl reload sonde");
    return `systemctl reload ended with ${code}`;
  },

  "a credential of systemd reaches the receiver": async (vm, receiver) => {
    await vm.must(`
      install -d -m 700 /etc/credstore; (umask 077; printf opensesame > /etc/credstore/password)
      mkdir -p /etc/systemd/system/sonde.service.d
      printf '[Service]\\nLoadCredential=password:/etc/credstore/password\\n' > /etc/systemd/system/sonde.service.d/c.conf
      systemctl daemon-reload`);
    const login = "      basic_auth: { username: agent, password: '${credential:password}' }\n";
    await vm.must(`cat > /etc/sonde/conf.d/send.yaml <<'E'\n${send(receiver.port, login)}E\nsystemctl restart sonde`);
    await receiver.after(Number(await vm.must("date +%s%3N")));
    expectEqual(receiver.authorization() ?? "", `Basic ${btoa("agent:opensesame")}`);
    return undefined;
  },

  "kill -9 in an outage loses nothing that was accepted": async (vm, receiver) => {
    const from = await outage(vm, receiver);
    await sleep(6 * intervalMs);
    const killed = Number(await vm.must("date +%s%3N; kill -9 $(systemctl show sonde -p MainPID --value)"));
    await until(() => textOf(vm, "systemctl is-active sonde"), "active");
    receiver.accept();
    return without(receiver, from, killed, 1.5 * intervalMs);
  },

  "a power cut in an outage loses at most the last second": async (vm, receiver) => {
    const from = await outage(vm, receiver);
    await sleep(6 * intervalMs);
    const cut = Number(await vm.must("date +%s%3N"));
    await vm.cutPower();
    await vm.boot();
    expectEqual(await vm.must("systemctl is-active sonde"), "active");
    receiver.accept();
    return without(receiver, from, cut, 1.5 * intervalMs + 1000);
  },

  "a loop that stands is found and ended by the watchdog": async (vm) => {
    const drop = "/etc/systemd/system/sonde.service.d/w.conf";
    await vm.must(
      `printf '[Service]\\nWatchdogSec=20s\\n' > ${drop}; systemctl daemon-reload; systemctl restart sonde`,
    );
    const pid = await mainPid(vm);
    await sleep(45_000);
    expectEqual(await mainPid(vm), pid);
    await vm.must(`kill -STOP ${pid}`);
    await until(() => textOf(vm, "journalctl -u sonde -o cat"), "Watchdog timeout");
    await until(async () => ((await mainPid(vm)) === pid ? "" : textOf(vm, "systemctl is-active sonde")), "active");
    await vm.must(`rm ${drop}; systemctl daemon-reload; systemctl restart sonde`);
    return "45 s of a watchdog of 20 s passed without a word of it";
  },

  "an upgrade keeps config and queue, and restarts once": async (vm, receiver) => {
    await vm.must("echo '# mine' >> /etc/sonde/sonde.yaml");
    const from = await outage(vm, receiver);
    await sleep(4 * intervalMs);
    const before = await starts(vm);
    const upgraded = Number(await vm.must("date +%s%3N"));
    await vm.must("dpkg -i /var/tmp/new.deb");
    expectEqual(await vm.must("systemctl is-active sonde; tail -n 1 /etc/sonde/sonde.yaml"), "active\n# mine");
    expectEqual((await starts(vm)) - before, 1);
    receiver.accept();
    return without(receiver, from, upgraded, 1.5 * intervalMs);
  },

  "systemd rates the running unit": async (vm) => {
    return vm.must("systemd-analyze security sonde --no-pager | tail -n 1");
  },

  "the drop-in for protected logs gives one capability": async (vm) => {
    const folder = "/etc/systemd/system/sonde.service.d";
    await vm.must(`cp /usr/share/doc/sonde/examples/protected-logs.conf ${folder}; systemctl daemon-reload`);
    await vm.must("systemctl restart sonde");
    const capabilities = await vm.must("grep CapEff /proc/$(systemctl show sonde -p MainPID --value)/status");
    expectEqual(capabilities, "CapEff:\t0000000000000004");
    return vm.must("systemd-analyze security sonde --no-pager | tail -n 1");
  },

  "the second unit takes the place of the first": async (vm) => {
    await vm.must("systemctl start sonde-node-exporter");
    expectEqual((await vm.run("systemctl is-active sonde sonde-node-exporter")).text, "inactive\nactive\n");
    await until(() => page(vm, 9100), "node_load1");
    return undefined;
  },

  "removal stops it and keeps config and state; purge takes them away": async (vm) => {
    await vm.must("systemctl start sonde; dpkg -r sonde");
    expectEqual(
      (await vm.run("systemctl is-active sonde sonde-node-exporter; pgrep -x sonde")).text,
      "inactive\ninactive\n",
    );
    await vm.must("test -e /etc/sonde/sonde.yaml -a -e /etc/sonde/conf.d/send.yaml -a -d /var/lib/sonde");
    await vm.must("dpkg -P sonde");
    expectEqual(
      (await vm.run("ls -d /etc/sonde /var/lib/sonde /etc/default/sonde /usr/bin/sonde 2>/dev/null")).text,
      "",
    );
    return undefined;
  },
};

/** Lets the receiver refuse everything once the agent is at its usual pace again; the time of the last scrape before. */
async function outage(vm: Machine, receiver: Receiver): Promise<number> {
  await receiver.after(Number(await vm.must("date +%s%3N")) + 3 * intervalMs);
  receiver.refuse();
  return receiver.scrapes().at(-1) ?? 0;
}

/** Every scrape from one time to another, but for the last `tolerance` ms, must have arrived: one each interval. */
async function without(receiver: Receiver, from: number, to: number, tolerance: number): Promise<string> {
  await receiver.after(to);
  const times = receiver.scrapes().filter((time) => time >= from && time <= to);
  const last = times.at(-1) ?? 0;
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const longest = Math.max(...gaps);
  if (longest > 1.9 * intervalMs) throw new Error(`there is a gap of ${longest} ms in the scrapes that arrived`);
  if (to - last > tolerance) throw new Error(`the last scrape that arrived is ${to - last} ms older than the end`);
  return `${times.length} scrapes of ${Math.round((to - from) / 1000)} s, the last ${to - last} ms before the end`;
}
