import type { SyslogMessage } from "../../formats/log-line/syslog-message.ts";
import { StreamRelabeler } from "../../formats/relabel/stream-relabeler.ts";
import { compileAnchored } from "../../lib/re2.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** Who has sent a message. */
export interface Peer {
  readonly ip: string;
  /** Where it was asked for and is known. */
  readonly hostname?: string | undefined;
}

/** Sets of labels whose relabeled ones are remembered. */
const remembered = 1000;

const hostnameLabel = "__syslog_connection_hostname";

/** The one internal label that travels on: loki.write chooses the tenant by it. */
const tenantLabel = "__tenant_id__";

/** The labels of a message: those of the listener, and what the rules make of the internal ones. */
export class MessageLabels {
  readonly needsHostname: boolean;
  readonly #own: Readonly<Record<string, string>>;
  readonly #fallback: Labels;
  /** What a message gets without any rule. */
  readonly #constant: Labels | undefined;
  readonly #relabeler: StreamRelabeler;
  readonly #withData: boolean;
  /** By the relabeled set, which the relabeler remembers. */
  readonly #visible = new WeakMap<Labels, Labels>();

  /** `fallback` is what a message has that would have no label at all: Loki takes no entry without one. */
  constructor(labels: Labels, rules: readonly RelabelRule[], fallback: Labels, withData: boolean) {
    this.needsHostname = rules.some(mayReadHostname);
    this.#own = labelRecord(labels);
    this.#fallback = fallback;
    this.#constant = rules.length === 0 ? this.#withoutInternal(labels) : undefined;
    this.#relabeler = new StreamRelabeler(rules, remembered);
    this.#withData = withData;
  }

  /** Undefined where a rule drops the message. */
  of(message: SyslogMessage, peer: Peer): Labels | undefined {
    if (this.#constant !== undefined) return this.#constant;
    const { stream } = this.#relabeler.relabel(this.#internal(message, peer));
    if (stream === undefined) return undefined;
    const known = this.#visible.get(stream);
    if (known !== undefined) return known;
    const visible = this.#withoutInternal(stream);
    this.#visible.set(stream, visible);
    return visible;
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

  #withoutInternal(labels: Labels): Labels {
    const isInternal = (name: string) => name.startsWith("__") && name !== tenantLabel;
    const visible = labels.filter((_, at) => !isInternal(labels[at - (at % 2)] ?? ""));
    return visible.length === 0 ? this.#fallback : visible;
  }
}

function mayReadHostname({ source_labels, action, regex }: RelabelRule): boolean {
  if (source_labels.includes(hostnameLabel)) return true;
  return action === "labelmap" && compileAnchored(regex).test(hostnameLabel);
}
