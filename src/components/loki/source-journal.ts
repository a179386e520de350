import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { type Component, type Context, counter, defineComponent } from "../../component.ts";
import { file } from "../../config/fields/file.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { duration, labelName } from "../../config/fields.ts";
import { byStream, type LogEntry } from "../../engines/logs/by-stream.ts";
import { Delivery } from "../../engines/logs/delivery.ts";
import { entryLabels, entryLine } from "../../engines/logs/journal/entry.ts";
import { JournalReader } from "../../engines/logs/journal/journal-reader.ts";
import { Positions } from "../../engines/logs/positions.ts";
import type { JournalEntry } from "../../formats/log-line/journal-export.ts";
import { legacyCursor } from "../../formats/positions/legacy-positions.ts";
import { sourceLabels } from "../../formats/relabel/source-labels.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { describeError } from "../../lib/errors.ts";

const match = /^(?:[A-Z_][A-Z0-9_]*=.*|\+)$/s;

const matches = z
  .string()
  .transform((text) => text.split(/\s+/).filter((part) => part !== ""))
  .superRefine((parts, context) => {
    const wrong = parts.find((part) => !match.test(part));
    if (wrong === undefined) return;
    context.addIssue({
      code: "custom",
      message: `"${wrong}" is no match; write FIELD=value, or + between two of them`,
    });
  });

const config = z.strictObject({
  path: z
    .string()
    .min(1, "a path cannot be empty")
    .optional()
    .describe("Folder of the journal; left out, that of the system: /var/log/journal or /run/log/journal."),
  max_age: duration
    .prefault("7h")
    .describe("How old an entry may be that is read where there is no position. A saved position wins over it."),
  matches: matches
    .prefault("")
    .describe(
      "Entries to read, as for journalctl, with spaces in between: `_SYSTEMD_UNIT=ssh.service PRIORITY=3`. All fields " +
        "have to match; of a field that is named twice one value has to; `+` stands between alternatives.",
    ),
  format_as_json: z
    .boolean()
    .default(false)
    .describe("Whether a line is all fields of the entry as JSON, rather than its `MESSAGE`."),
  labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels of every entry. `job` is the id of the component, if it is not given here."),
  relabel_rules: relabelRules.default([]).describe("Relabel rules over the labels and the fields of an entry."),
  legacy_position: z
    .strictObject({
      file: file.describe("Positions of promtail or Alloy: `positions.yaml` or `positions.yml`."),
      name: z
        .string()
        .min(1, "a name cannot be empty")
        .describe("The `job_name` of promtail's job, or the id of Alloy's component: `loki.source.journal.read`."),
    })
    .optional()
    .describe("Where the former agent stood, taken over where there is no position yet; stop that agent before."),
});

type Config = z.output<typeof config>;
type JournalContext = Context<"logs", typeof selfMetrics>;

const selfMetrics = {
  lines: counter("loki_source_journal_target_lines_total", "Entries that the receivers took."),
  errors: counter("loki_source_journal_target_parsing_errors_total", "Entries that were left out.", ["error"]),
  cursorsLost: counter("cursors_lost_total", "Starts at which the journal no longer had the entry that was read last."),
};

/** Finds journalctl on the agent's own PATH. */
export const lokiSourceJournal = lokiSourceJournalOf(() => process.env.PATH || "/usr/bin:/bin");

export function lokiSourceJournalOf(searchPath: () => string): Component {
  return defineComponent({
    type: "loki.source.journal",
    summary: "Reads the systemd journal.",
    description:
      "It is read by the program `journalctl`, from the entry that the receivers took last; entries that they have no " +
      "room for stay in the journal. The agent's user has to be in the group `systemd-journal`; where it is not, the " +
      "component is unhealthy and says so.\n\n" +
      "Each field of an entry is a label for `relabel_rules`, in lower case: `_SYSTEMD_UNIT` is " +
      "`__journal__systemd_unit`, and `PRIORITY` also is `__journal_priority_keyword` (`emerg`, `alert`, `crit`, " +
      "`error`, `warning`, `notice`, `info`, `debug`). Labels that begin with `__` end here, but for `__tenant_id__`. " +
      "The time of an entry is the one at which the journal received it. An entry without a `MESSAGE` is left out and " +
      "counted, unless `format_as_json` is set. Values longer than 1 MiB are cut.",
    emits: "logs",
    metrics: selfMetrics,
    config,
    example: `
loki.source.journal.system:
  relabel_rules:
    - { source_labels: [__journal__systemd_unit], target_label: unit }
    - { source_labels: [__journal_priority_keyword], target_label: level }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,
    create: (given, context) => createSource(given, context, searchPath()),
  });
}

function createSource(given: Config, context: JournalContext, searchPath: string) {
  const { path, matches, max_age, relabel_rules, labels, format_as_json } = given;
  const { id, output, metrics, log, dataDir, configDir, setHealth, world } = context;
  const { clock, random } = world;
  const labelsOf = sourceLabels(relabel_rules);
  const own = { job: id, ...labels };
  const delivery = new Delivery({ output, clock, random, log });
  const positions = new Positions({ disk: realDisk, folder: dataDir, clock, log });
  const reader = new JournalReader({
    searchPath,
    directory: path === undefined ? undefined : resolve(configDir, path),
    matches,
    maxAgeMs: max_age,
    user: userName(),
    positions,
    legacyCursor: () => formerCursor(given, context),
    clock,
    random,
    log,
    take,
    onCursorLost: () => metrics.cursorsLost.inc(),
    onProblem: (reason) => (reason === undefined ? setHealth("healthy") : setHealth("unhealthy", reason)),
  });

  async function take(entries: readonly JournalEntry[], stop: AbortSignal): Promise<boolean> {
    const lines = entries.flatMap((entry) => entryOf(entry) ?? []);
    const isTaken = await delivery.deliver(byStream(lines), stop);
    if (isTaken) metrics.lines.inc(lines.length);
    return isTaken;
  }

  function entryOf(entry: JournalEntry): LogEntry | undefined {
    const line = entryLine(entry, format_as_json);
    const stream = line === undefined ? undefined : labelsOf(entryLabels(entry, own));
    if (line === undefined) metrics.errors.inc({ error: "no_message" });
    else if (stream === undefined) metrics.errors.inc({ error: "empty_labels" });
    else return { stream, line, timestamp: entry.realtime * 1000n };
    return undefined;
  }

  return {
    async run(stop: AbortSignal) {
      await positions.load();
      await Promise.all([reader.run(stop), positions.run(stop)]);
      await positions.close();
    },
    debug: () => ({ cursor: reader.cursor ?? null }),
  };
}

/** A help for moving in: where it cannot be read, the journal is begun with as if there were none. */
async function formerCursor(
  { legacy_position: legacy }: Config,
  { configDir, log }: JournalContext,
): Promise<string | undefined> {
  if (legacy === undefined) return undefined;
  const { file: path, name } = legacy;
  try {
    const cursor = legacyCursor(await readFile(resolve(configDir, path), "utf8"), name);
    if (cursor === undefined)
      log.warn("the positions of the former agent have no journal of this name", { path, name });
    else log.info("the position of the former agent is taken over", { path, name });
    return cursor;
  } catch (error) {
    log.warn("positions of the former agent cannot be read", { path, error: describeError(error) });
    return undefined;
  }
}

/** A user without an entry in the list of users has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
