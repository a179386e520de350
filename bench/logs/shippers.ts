import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rsyslogProgram } from "./rsyslog.ts";

/** What a shipper under measurement is given. */
export interface Job {
  /** A folder of its own. */
  readonly dir: string;
  /** The files are `*.log` in it. */
  readonly logs: string;
  readonly port: number;
  /** Whether the lines are read as JSON, with the level as a label. */
  readonly parses: boolean;
}

export interface Shipper {
  readonly name: string;
  readonly sink: "loki" | "tcp";
  prepare(job: Job): Promise<{ command: string; args: readonly string[] }>;
}

const root = join(import.meta.dirname, "../..");

export const shippers: readonly Shipper[] = [
  {
    name: "sonde",
    sink: "loki",
    async prepare({ dir, logs, port, parses }) {
      const config = join(dir, "sonde.yaml");
      const stages = "stages: [{ json: { expressions: { level: level } } }, { labels: { values: { level: level } } }]";
      const process_ = `loki.process.json: { ${stages}, forward_to: [loki.write.sink] }\n`;
      writeFileSync(
        config,
        `loki.source.file.app: { paths: ["${logs}/*.log"], forward_to: [${parses ? "loki.process.json" : "loki.write.sink"}] }
${parses ? process_ : ""}loki.write.sink: { endpoints: [{ url: "http://127.0.0.1:${port}/loki/api/v1/push" }] }
`,
      );
      const args = ["run", config, "--storage.path", join(dir, "data"), "--http.listen-address", "127.0.0.1:0"];
      return { command: process.env.BENCH_SONDE ?? join(root, "bin/sonde"), args };
    },
  },
  {
    name: "rsyslog",
    sink: "tcp",
    async prepare({ dir, logs, port, parses }) {
      const config = join(dir, "rsyslog.conf");
      mkdirSync(join(dir, "state"));
      const { command, args } = await rsyslogProgram();
      const parse = parses ? 'action(type="mmjsonparse" cookie="")' : "";
      const level = parses ? 'property(name="$!level") constant(value=" ")' : "";
      writeFileSync(
        config,
        `global(workDirectory="${join(dir, "state")}" maxMessageSize="256k")
module(load="imfile")
${parses ? `module(load="mmjsonparse")` : ""}
template(name="line" type="list") { ${level} property(name="msg") constant(value="\\n") }
ruleset(name="ship") {
  ${parse}
  action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="line" TCP_Framing="traditional"
    queue.type="LinkedList" queue.filename="ship" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" action.resumeRetryCount="-1")
}
input(type="imfile" file="${logs}/*.log" tag="app:" ruleset="ship")
`,
      );
      return { command, args: [...args, "-n", "-f", config, "-i", join(dir, "rsyslog.pid")] };
    },
  },
];
