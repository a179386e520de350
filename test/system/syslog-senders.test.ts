import { expect, test } from "vitest";
import { lokiSourceSyslog } from "../../src/components/loki/source-syslog.ts";
import { makeCertificate } from "../support/certificate.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningSource, runningSource } from "../support/listening-source.ts";
import { runProcess } from "../support/process.ts";
import { startRsyslog } from "../support/rsyslog.ts";
import { programCommand } from "../support/servers.ts";
import { tempDir } from "../support/temp-dir.ts";

const rules = ["severity", "facility", "hostname", "app_name", "proc_id", "msg_id", "sd_origin_x"].map((name) => ({
  source_labels: [`__syslog_message_${name}`],
  target_label: name,
}));

async function syslog(listener: object, configDir?: string): Promise<RunningSource & { readonly port: number }> {
  const listeners = [{ address: "127.0.0.1:0", label_structured_data: true, ...listener }];
  const source = await runningSource(lokiSourceSyslog, { listeners, relabel_rules: rules }, configDir);
  const { listeners: shown = [] } = (source.running.debug?.() ?? {}) as { listeners?: { address: string }[] };
  return Object.assign(source, { port: Number(shown[0]?.address.split(":").at(-1)) });
}

await describeWithServers("logger of util-linux", ["logger"], () => {
  async function logged(source: { readonly port: number }, flags: readonly string[], input?: string): Promise<void> {
    const [command, ...args] = await programCommand("logger");
    const to = ["--server", "127.0.0.1", "--port", String(source.port), "--tag", "app", "--priority", "local3.warning"];
    const options = input === undefined ? {} : { input };
    const { code, stderr } = await runProcess(command, [...args, ...to, ...flags], options);
    expect([code, stderr]).toEqual([0, ""]);
  }

  const labels =
    /^\{app_name="app", facility="local3", hostname="[^"]+"(, sd_origin_x="y")?, severity="warning"\} (.*)$/;
  const shown = (source: RunningSource) => source.sent.map((line) => labels.exec(line)?.slice(1).join(" ") ?? line);

  test("RFC 5424 over TCP, with both framings, and over UDP", async () => {
    await using tcp = await syslog({});
    const data = ["--sd-id", "origin", "--sd-param", 'x="y"'];
    await logged(tcp, ["--tcp", "--rfc5424=notq", ...data], "first\nsecond\n");
    await eventually(() => expect(shown(tcp)).toEqual([', sd_origin_x="y" "first"', ', sd_origin_x="y" "second"']));
    await logged(tcp, ["--tcp", "--rfc5424=notq", "--octet-count", "counted"]);
    await eventually(() => expect(shown(tcp).slice(2)).toEqual([' "counted"']));

    await using udp = await syslog({ protocol: "udp" });
    await logged(udp, ["--udp", "--rfc5424=notq", "datagram"]);
    await eventually(() => expect(shown(udp)).toEqual([' "datagram"']));
    expect([tcp.metrics.malformed, udp.metrics.malformed]).toEqual([undefined, undefined]);
  });

  test("RFC 3164 over TCP and UDP", async () => {
    for (const protocol of ["tcp", "udp"]) {
      await using source = await syslog({ protocol, syslog_format: "rfc3164" });
      await logged(source, [`--${protocol}`, "--rfc3164", "old style"]);
      await eventually(() => expect(shown(source)).toEqual([' "old style"']));
    }
  });
});

await describeWithServers("rsyslog", ["rsyslog"], () => {
  const lines = ["first line", 'second: [x] "ü€"', "x".repeat(2000)];
  const action = (port: number, protocol: string, template: string, more = "") =>
    `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="${protocol}" template="RSYSLOG_${template}" ${more})\n`;

  test("its formats, framings and transports are understood", async () => {
    using dir = tempDir();
    const { certFile } = makeCertificate(dir.path);
    await using plain = await syslog({});
    await using counted = await syslog({});
    await using secured = await syslog({ tls_config: { cert_file: "server.crt", key_file: "server.key" } }, dir.path);
    await using udp = await syslog({ protocol: "udp" });
    await using old = await syslog({ syslog_format: "rfc3164" });
    await using forward = await syslog({ syslog_format: "rfc3164" });
    const tls =
      'TCP_Framing="octet-counted" StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"';
    await using _sender = await startRsyslog(
      lines,
      [
        `global(defaultNetstreamDriverCAFile="${certFile}")\n`,
        action(plain.port, "tcp", "SyslogProtocol23Format"),
        action(counted.port, "tcp", "SyslogProtocol23Format", 'TCP_Framing="octet-counted"'),
        action(secured.port, "tcp", "SyslogProtocol23Format", tls),
        action(udp.port, "udp", "SyslogProtocol23Format"),
        action(old.port, "tcp", "TraditionalForwardFormat"),
        action(forward.port, "tcp", "ForwardFormat"),
      ].join(""),
    );
    const labels = '{app_name="app", facility="local3", hostname="sender", severity="warning"}';
    const want = lines.map((line) => `${labels} ${JSON.stringify(line)}`);
    for (const source of [plain, counted, secured, udp, old, forward]) {
      await eventually(() => expect(source.sent).toEqual(want));
      expect(source.metrics.malformed).toBeUndefined();
    }
  });
});
