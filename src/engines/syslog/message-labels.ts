import type { SyslogMessage } from "../../formats/log-line/syslog-message.ts";
import { SourceRelabeler } from "../../formats/relabel/source-relabeler.ts";
import { compileAnchored } from "../../lib/re2.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** Who has sent a message. */
export interface Peer {
  readonly ip: string;
  /** Where it was asked for and is known. */
  readonly hostname?: string | undefined;
}

const hostnameLabel = "__syslog_connection_hostname";

/** The labels of a message: those of the listener, and what the rules make of the internal ones. */
export class MessageLabels {
  readonly needsHostname: boolean;
  readonly #own: Readonly<Record<string, string>>;
  /** What a message gets where no rule looks at it. */
  readonly #constant: Labels | undefined;
  readonly #relabeler: SourceRelabeler;
  readonly #withData: boolean;

  constructor(labels: Labels, rules: readonly RelabelRule[], fallback: Labels, withData: boolean) {
    this.needsHostname = rules.some(mayReadHostname);
    this.#own = labelRecord(labels);
    this.#relabeler = new SourceRelabeler(rules, fallback);
    this.#constant = rules.length === 0 ? (this.#relabeler.relabel(labels) ?? fallback) : undefined;
    this.#withData = withData;
  }

  /** Undefined where a rule drops the message. */
  of(message: SyslogMessage, peer: Peer): Labels | undefined {
    return this.#constant ?? this.#relabeler.relabel(this.#internal(message, peer));
  }

  #internal(message: SyslogMessage, { ip, hostname = "" }: Peer): Labels {
    const labels: Record<string, string> = {
      ...this.#own,
      __syslog_connection_ip_address: ip,
      [hostnameLabel]: hostname,
      __syslog_message_severity: message.severity ?? "",
      __syslog_message_facility: message.facility ?? "",
      __syslog_message_hostname: message.hostname ?? "",
      __syslog_message_app_name: message.appName ?? "",
      __syslog_message_proc_id: message.procId ?? "",
      __syslog_message_msg_id: message.msgId ?? "",
    };
    if (this.#withData) {
      for (const { id, name, value } of message.structuredData) {
        labels[`__syslog_message_sd_${id.replaceAll("@", "_")}_${name}`] = value;
      }
    }
    return labelsFrom(labels);
  }
}

function mayReadHostname({ source_labels, action, regex }: RelabelRule): boolean {
  if (source_labels.includes(hostnameLabel)) return true;
  return action === "labelmap" && compileAnchored(regex).test(hostnameLabel);
}
