import type { ForwardEvent, ForwardRecord } from "../../formats/fluent-forward/forward-message.ts";
import { recordJson, scalarText } from "../../formats/fluent-forward/record-text.ts";
import { SourceRelabeler } from "../../formats/relabel/source-relabeler.ts";
import { ArrivalTimes } from "../../lib/arrival-times.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** What becomes of an event; all of it can change while the server listens. */
export interface EventSettings {
  readonly labels: Labels;
  /** Label that gets the tag; "" is none. */
  readonly tagLabel: string;
  readonly rules: readonly RelabelRule[];
  /** Of an event that would have none at all. */
  readonly fallbackLabels: Labels;
  readonly lineFormat: "json" | "key";
  /** Keys of which the first one that a record has is the line, if the format is `key`. */
  readonly lineKeys: readonly string[];
}

export interface FluentEntry {
  readonly stream: Labels;
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  readonly line: string;
}

/** Keys of a record that are labels for the rules; records with more have something else in mind. */
const maxRecordLabels = 128;

/** Makes entries of events. */
export class EventEntries {
  readonly #settings: EventSettings;
  readonly #own: Readonly<Record<string, string>>;
  readonly #relabeler: SourceRelabeler;
  readonly #times: ArrivalTimes;

  constructor(settings: EventSettings, clock: Clock) {
    this.#settings = settings;
    this.#own = labelRecord(settings.labels);
    this.#relabeler = new SourceRelabeler(settings.rules, settings.fallbackLabels);
    this.#times = new ArrivalTimes(clock);
  }

  /** Entries of those that no rule drops. */
  of(tag: string, events: readonly ForwardEvent[], peer: string): FluentEntry[] {
    const { rules } = this.#settings;
    // Without rules all events of a tag have the same labels.
    const common = rules.length === 0 ? this.#labels(tag, {}, peer) : undefined;
    return events.flatMap(({ time, record }) => {
      const stream = common ?? this.#labels(tag, record, peer);
      if (stream === undefined) return [];
      return { stream, timestamp: time ?? this.#times.next(), line: this.#line(record) };
    });
  }

  #labels(tag: string, record: ForwardRecord, peer: string): Labels | undefined {
    const { tagLabel } = this.#settings;
    const labels: Record<string, string> = {
      ...this.#own,
      ...(tagLabel !== "" && { [tagLabel]: tag }),
      __fluent_tag: tag,
      __fluent_connection_ip_address: peer,
    };
    for (const [key, value] of Object.entries(record).slice(0, maxRecordLabels)) {
      labels[`__fluent_record_${key.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`] = scalarText(value) ?? "";
    }
    return this.#relabeler.relabel(labelsFrom(labels));
  }

  #line(record: ForwardRecord): string {
    const { lineFormat, lineKeys } = this.#settings;
    if (lineFormat === "json") return recordJson(record);
    for (const key of lineKeys) {
      const text = Object.hasOwn(record, key) ? scalarText(record[key]) : undefined;
      if (text !== undefined) return text;
    }
    return recordJson(record);
  }
}
