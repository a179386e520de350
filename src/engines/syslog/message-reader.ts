import { parseRfc3164 } from "../../formats/log-line/rfc3164.ts";
import { parseRfc5424 } from "../../formats/log-line/rfc5424.ts";
import { SyslogError, type SyslogFormat, type SyslogMessage } from "../../formats/log-line/syslog-message.ts";
import { parseRawSyslog } from "../../formats/log-line/syslog-raw.ts";
import { ArrivalTimes } from "../../lib/arrival-times.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { MessageLabels, type Peer } from "./message-labels.ts";

/** What becomes of a message; all of it can change while a listener listens. */
export interface MessageSettings {
  readonly format: SyslogFormat;
  readonly labels: Labels;
  readonly rules: readonly RelabelRule[];
  /** Of a message that would have none at all. */
  readonly fallbackLabels: Labels;
  readonly labelStructuredData: boolean;
  readonly useIncomingTimestamp: boolean;
  readonly useRfc5424Message: boolean;
  /** Whether a message of RFC 5424 without text is an entry. */
  readonly allowEmpty: boolean;
}

export interface SyslogEntry {
  readonly stream: Labels;
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  readonly line: string;
}

/** Messages that become no entries. */
export interface LeftOut {
  /** Cannot be read in this format; the reason is for the log. */
  malformed(reason: string, peer: Peer): void;
  empty(): void;
  /** A rule drops it. */
  dropped(): void;
}

/** Makes entries of messages. */
export class MessageReader {
  readonly #settings: MessageSettings;
  readonly #labels: MessageLabels;
  readonly #leftOut: LeftOut;
  readonly #clock: Clock;
  readonly #times: ArrivalTimes;

  constructor(settings: MessageSettings, clock: Clock, leftOut: LeftOut) {
    this.#settings = settings;
    const { labels, rules, fallbackLabels, labelStructuredData } = settings;
    this.#labels = new MessageLabels(labels, rules, fallbackLabels, labelStructuredData);
    this.#leftOut = leftOut;
    this.#clock = clock;
    this.#times = new ArrivalTimes(clock);
  }

  /** Whether a rule looks at the name of the client, which has to be asked for. */
  get needsHostname(): boolean {
    return this.#labels.needsHostname;
  }

  read(messages: readonly Buffer[], peer: Peer): SyslogEntry[] {
    return messages.flatMap((bytes) => this.#readOne(bytes.toString(), peer) ?? []);
  }

  #readOne(text: string, peer: Peer): SyslogEntry | undefined {
    const message = text === "" ? undefined : this.#parse(text, peer);
    if (text === "" || (message !== undefined && this.#isEmpty(message))) this.#leftOut.empty();
    else if (message !== undefined) return this.#entry(text, message, peer);
    return undefined;
  }

  #parse(text: string, peer: Peer): SyslogMessage | undefined {
    const { format } = this.#settings;
    try {
      if (format === "rfc5424") return parseRfc5424(text);
      return format === "rfc3164" ? parseRfc3164(text, this.#clock.now()) : parseRawSyslog(text);
    } catch (error) {
      if (!(error instanceof SyslogError)) throw error;
      this.#leftOut.malformed(error.message, peer);
      return undefined;
    }
  }

  #isEmpty({ message }: SyslogMessage): boolean {
    return message === "" && !(this.#settings.format === "rfc5424" && this.#settings.allowEmpty);
  }

  #entry(text: string, message: SyslogMessage, peer: Peer): SyslogEntry | undefined {
    const { format, useIncomingTimestamp, useRfc5424Message } = this.#settings;
    const stream = this.#labels.of(message, peer);
    if (stream === undefined) {
      this.#leftOut.dropped();
      return undefined;
    }
    const incoming = useIncomingTimestamp ? message.timestamp : undefined;
    const line = useRfc5424Message && format === "rfc5424" ? text : message.message;
    return { stream, timestamp: incoming ?? this.#times.next(), line };
  }
}
