import { createInterface } from "node:readline";
import { createHostExporter, hostExporterConfig } from "../../src/components/prometheus/exporter-unix.ts";
import { systemClock } from "../../src/lib/clock.ts";

/** Collects once for each line of standard input, and answers with the number of series: what a scrape in the process is. */
const quiet = () => {};
const config = hostExporterConfig.parse(JSON.parse(process.argv[2] ?? "{}"));
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const exporter = createHostExporter(config, { clock: systemClock, random: Math.random }, log);
for await (const _ of createInterface({ input: process.stdin })) {
  const families = await exporter.gather({});
  process.stdout.write(`${families.reduce((sum, { samples }) => sum + samples.length, 0)}\n`);
}
exporter.close();
