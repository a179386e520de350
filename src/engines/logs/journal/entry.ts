import type { JournalEntry } from "../../../formats/log-line/journal-export.ts";
import { type Labels, labelsFrom } from "../../../signals/labels.ts";

/** syslog(3)'s levels by number, under the names that journalctl and Loki's agents give them. */
const priorities = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];

/** The fields as labels, `_SYSTEMD_UNIT` as `__journal__systemd_unit`, and `own`, which win. */
export function entryLabels({ fields }: JournalEntry, own: Readonly<Record<string, string>>): Labels {
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(fields)) labels[`__journal_${name.toLowerCase()}`] = value;
  const priority = fields.PRIORITY;
  if (priority !== undefined) labels.__journal_priority_keyword = priorities[Number(priority)] ?? priority;
  return labelsFrom(Object.assign(labels, own));
}

/** The line: the message, or with `asJson` all fields, sorted by name. Undefined for an entry without a message. */
export function entryLine({ fields }: JournalEntry, asJson: boolean): string | undefined {
  if (!asJson) return fields.MESSAGE;
  return JSON.stringify(Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))));
}
