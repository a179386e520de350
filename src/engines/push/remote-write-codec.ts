import type { ProtobufMessage } from "../../formats/remote-write/decode.ts";
import { isMixed, messageOfKind } from "../../formats/remote-write/message-kinds.ts";
import { countBlock, splitBlock } from "../../formats/remote-write/split.ts";
import {
  readBlock,
  type WireSeries,
  withoutCustomBuckets,
  writeBlock,
} from "../../formats/remote-write/wire-message.ts";
import type { BlockCodec, PushRequest } from "./block-codec.ts";
import type { Outcome } from "./push-client.ts";
import type { OutgoingBlock } from "./sender.ts";

/** Which message is agreed on with an endpoint. */
export class Agreement {
  readonly wanted: ProtobufMessage;
  #message: ProtobufMessage;

  constructor(wanted: ProtobufMessage) {
    this.wanted = wanted;
    this.#message = wanted;
  }

  get message(): ProtobufMessage {
    return this.#message;
  }

  /** To 1.0, for as long as the process lives; false where that is spoken already. */
  fallBack(): boolean {
    if (this.#message === "prometheus.WriteRequest") return false;
    this.#message = "prometheus.WriteRequest";
    return true;
  }
}

/** The agreements of a component: they outlive a change of an endpoint's other settings. */
export class Agreements {
  readonly #agreements = new Map<string, Agreement>();

  with(endpoint: { readonly name: string; readonly url: URL }, wanted: ProtobufMessage): Agreement {
    const key = `${endpoint.name} ${endpoint.url.href}`;
    const known = this.#agreements.get(key);
    if (known?.wanted === wanted) return known;
    const agreement = new Agreement(wanted);
    this.#agreements.set(key, agreement);
    return agreement;
  }
}

/** Remote write's headers (the specifications 1.0 and 2.0, section "Protocol"). */
const protocolHeaders: Readonly<Record<ProtobufMessage, Readonly<Record<string, string>>>> = {
  "prometheus.WriteRequest": {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
  },
  "io.prometheus.write.v2.Request": {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "X-Prometheus-Remote-Write-Version": "2.0.0",
  },
};

/**
 * Blocks of remote write, for one endpoint. A block is sent as the queue has it, byte by byte; only one that is of the
 * other version, because the endpoint or the config has changed its mind since, is translated. `onUnsendable` is told of
 * histograms that 1.0 has no fields for.
 */
export function remoteWriteCodec(
  agreement: Agreement,
  onUnsendable: (histograms: number) => void = () => {},
): BlockCodec {
  return {
    request({ payload, kind, records, maxTimestamp }: OutgoingBlock): PushRequest {
      const { message } = agreement;
      const headers = protocolHeaders[message];
      const stored = messageOfKind(kind);
      const { histograms = 0, exemplars = 0 } = isMixed(kind) ? countBlock(payload, stored) : {};
      if (stored === message) return { payload, records, histograms, exemplars, maxTimestamp, headers };
      const series = readBlock(payload, stored);
      const sendable = message === "prometheus.WriteRequest" ? withoutCustomBuckets(series) : series;
      const unsendable = histogramsIn(series) - histogramsIn(sendable);
      if (unsendable > 0) onUnsendable(unsendable);
      const left = { records: records - unsendable, histograms: histograms - unsendable, exemplars };
      return { payload: writeBlock(sendable, message), ...left, maxTimestamp, headers };
    },

    halves({ payload, maxTimestamp, headers }) {
      const halves = splitBlock(payload, messageOfHeaders(headers));
      if (halves === undefined) return undefined;
      const [first, second] = halves;
      return [
        { ...first, maxTimestamp, headers },
        { ...second, maxTimestamp, headers },
      ];
    },

    aside(payload, records) {
      // In 2.0 metadata go with the series.
      if (agreement.message !== "prometheus.WriteRequest") return undefined;
      return { payload, records, maxTimestamp: 0, headers: protocolHeaders[agreement.message] };
    },

    fallBack: () => agreement.fallBack(),

    judge(outcome, request) {
      const isSecond = messageOfHeaders(request.headers) === "io.prometheus.write.v2.Request";
      return isSecond && outcome.kind === "delivered" ? judgeWritten(outcome, request) : outcome;
    },
  };
}

function histogramsIn(series: readonly WireSeries[]): number {
  return series.reduce((sum, { histograms }) => sum + histograms.length, 0);
}

export function messageOfHeaders(headers: Readonly<Record<string, string>>): ProtobufMessage {
  return headers === protocolHeaders["io.prometheus.write.v2.Request"]
    ? "io.prometheus.write.v2.Request"
    : "prometheus.WriteRequest";
}

/**
 * A receiver of 2.0 must say what it has written (specification 2.0, "Required Written Response Headers"). One that says
 * nothing has taken the message for one of 1.0, in which it is empty: nothing is lost as long as it is asked again.
 */
function judgeWritten(outcome: Extract<Outcome, { kind: "delivered" }>, { records }: PushRequest): Outcome {
  if (outcome.written !== undefined || records === 0) return outcome;
  const reason =
    "the receiver does not say what it has written, so it does not speak remote write 2.0; " +
    "set protobuf_message: prometheus.WriteRequest";
  return { kind: "park", status: 200, reason };
}
