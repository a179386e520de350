import { resolve } from "node:path";
import { describeError } from "../../../lib/errors.ts";
import { readCommandLine } from "../../../lib/kingpin.ts";
import type { YamlRange } from "../../../lib/yaml.ts";
import { exporterConfigOf } from "../../node-exporter/command-line.ts";
import { emptyDraft, type Draft as FlagDraft, type ProgramFlag, programFlags } from "../../node-exporter/flags.ts";
import type { Conversion, Surroundings } from "../conversion.ts";
import { Draft, Ids } from "../draft.ts";
import { entriesOf, idList, treeOf } from "../nodes.ts";
import { flagWords, type Word } from "./words.ts";

/** The command line of a node_exporter as a host exporter behind the page that it had. */
export function convertNodeExporter(path: string, text: string, { manifest, readFile }: Surroundings): Conversion {
  const origin = { path, dir: resolve("."), lines: text.split("\n") };
  const draft = new Draft(origin, { manifest, ids: new Ids() });
  const flags = programFlags();
  const given = emptyDraft();
  const words = flagWords(text);
  for (const unit of unitsOf(words, flags)) apply(unit, flags, given, draft, readFile);
  write(given, words[0]?.range ?? { line: 1, column: 1, length: 1 }, draft);
  return { files: [draft.converted], diagnostics: [] };
}

/** Each flag with its value, where that is a word of its own. */
function unitsOf(words: readonly Word[], flags: readonly ProgramFlag[]): Word[][] {
  const units: Word[][] = [];
  for (const word of words) {
    const last = units.at(-1);
    const flag = flags.find(({ name }) => `--${name}` === last?.[0]?.text);
    if (last?.length === 1 && flag !== undefined && !flag.isSwitch && !word.text.startsWith("--")) last.push(word);
    else units.push([word]);
  }
  return units;
}

function apply(
  unit: readonly Word[],
  flags: readonly ProgramFlag[],
  given: FlagDraft,
  draft: Draft,
  readFile: (path: string) => string,
): void {
  const argv = unit.map(({ text }) => text);
  const range = unit[0]?.range ?? { line: 1, column: 1, length: 1 };
  const line = readCommandLine(argv, flags, readFile);
  if (line.mistake !== undefined) draft.find("error", `${argv.join(" ")}: ${line.mistake}`, range);
  for (const { flag, value } of line.given) {
    const before = JSON.stringify(given);
    const collectors = given.collectors.size;
    try {
      flag.apply(given, value);
    } catch (error) {
      draft.find("error", `${argv.join(" ")}: ${describeError(error)}`, range);
      continue;
    }
    const isSame = JSON.stringify(given) === before && given.collectors.size === collectors;
    if (isSame && effectless.has(flag.name)) draft.find("note", `${argv.join(" ")}: changes nothing here`, range);
  }
  if (given.systemdSocket && line.given.some(({ flag }) => flag.name === "web.systemd-socket")) {
    draft.find(
      "error",
      "--web.systemd-socket: sonde node-exporter takes sockets of systemd; a component listens itself",
      range,
    );
  }
}

/** How upstream works inside. */
const effectless: ReadonlySet<string> = new Set([
  "collector.filesystem.stat-workers",
  "collector.arp.netlink",
  "collector.netdev.netlink",
  "collector.netclass_rtnl.with-stats",
  "runtime.gomaxprocs",
]);

function write(given: FlagDraft, range: YamlRange, draft: Draft): void {
  const { level, format } = given.log;
  if (level !== "info" || format !== "logfmt") draft.set("logging", treeOf({ level, format }, range));
  const exporter = draft.id("prometheus.exporter.unix", "host");
  const { enable_collectors, disable_collectors, ...config } = exporterConfigOf(given);
  const lists = Object.entries({ enable_collectors, disable_collectors }).filter(
    ([, names]) => (names as []).length > 0,
  );
  draft.add(exporter, entriesOf(treeOf({ ...config, ...Object.fromEntries(lists) }, range)), range);
  for (const listen_address of given.listenAddresses.length === 0 ? [":9100"] : given.listenAddresses) {
    const page = {
      listen_address,
      telemetry_path: given.telemetryPath === "/metrics" ? undefined : given.telemetryPath,
      max_requests: given.maxRequests === 40 ? undefined : given.maxRequests,
      disable_exporter_metrics: given.exporterMetrics ? undefined : true,
      web_config_file: given.webConfigFile || undefined,
    };
    const id = draft.id("prometheus.expose", "node_exporter");
    draft.add(id, [idList("targets", [exporter], range), ...entriesOf(treeOf(page, range))], range);
  }
}
