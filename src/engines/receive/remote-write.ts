import type { IncomingMessage } from "node:http";
import type { ProtobufMessage } from "../../formats/remote-write/decode.ts";
import type { ReceivedRequest } from "../../formats/remote-write/received-rows.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { BodyTooLargeError } from "../../lib/http-message.ts";
import { ProtobufError } from "../../lib/protobuf-reader.ts";
import { decompress, SnappyError } from "../../lib/snappy-decode.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { forward } from "./forward.ts";
import { RefusedRequest, readBody, tooLarge } from "./request-body.ts";
import { SeriesMemory } from "./series-memory.ts";

interface RemoteWriteOptions {
  readonly output: Receiver<"metrics">;
  readonly clock: Clock;
  /** The receivers have what is valid of it. */
  onReceived(request: ReceivedRequest): void;
}

/**
 * The receiving side of remote write 1.0 and 2.0 (prometheus.io/docs/specs/prw). Series that are not valid are left out
 * and the others are written: that is the partial write of 2.0, which is a 400 because sending it again is no use.
 */
export class RemoteWrite {
  readonly #options: RemoteWriteOptions;
  readonly #memory: SeriesMemory;

  constructor(options: RemoteWriteOptions) {
    this.#options = options;
    this.#memory = new SeriesMemory(options.clock);
  }

  /** How many series are known. */
  get series(): number {
    return this.#memory.size;
  }

  /** Throws a RefusedRequest for what is no request at all. */
  async answer(request: IncomingMessage, limit: number): Promise<Answer> {
    if (request.method !== "POST") throw new RefusedRequest(405, "send it by POST", { Allow: "POST" });
    const message = messageOf(request.headers["content-type"]);
    checkEncoding(request.headers["content-encoding"]);
    // Snappy makes what it cannot compress a little longer.
    const body = await readBody(request, limit + Math.ceil(limit / 6) + 32);
    const received = this.#decode(body, message, limit);
    await forward(this.#options.output, received.batches, writtenHeaders(0, 0, 0));
    this.#options.onReceived(received);
    const headers = writtenHeaders(received.samples, received.histograms, received.exemplars);
    if (received.refused === 0) return { status: 204, headers, body: "" };
    return textAnswer(400, reasonsOf(received), headers);
  }

  #decode(body: Buffer, message: ProtobufMessage, limit: number): ReceivedRequest {
    try {
      const received = this.#memory.decoder().decode(decompress(body, limit), message);
      this.#memory.note(received.batches);
      return received;
    } catch (error) {
      if (error instanceof BodyTooLargeError) throw tooLarge(error.message);
      if (error instanceof SnappyError)
        throw new RefusedRequest(400, `the body is no block of Snappy: ${error.message}`);
      if (error instanceof ProtobufError) throw new RefusedRequest(400, `the body is no ${message}: ${error.message}`);
      throw error;
    }
  }
}

/** No header at all is what some senders of 1.0 have; Prometheus takes that, too. */
function messageOf(contentType = "application/x-protobuf"): ProtobufMessage {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim());
  if (type.toLowerCase() !== "application/x-protobuf") throw unknownType(contentType);
  const proto = parameters.map((text) => /^proto=(.*)$/i.exec(text)?.[1]).find((value) => value !== undefined);
  const message = proto?.replace(/^"(.*)"$/, "$1") ?? "prometheus.WriteRequest";
  if (message !== "prometheus.WriteRequest" && message !== "io.prometheus.write.v2.Request") {
    throw unknownType(contentType);
  }
  return message;
}

function unknownType(contentType: string): RefusedRequest {
  const accepted = "application/x-protobuf, with proto=prometheus.WriteRequest or proto=io.prometheus.write.v2.Request";
  return new RefusedRequest(415, `the Content-Type is "${contentType}"; accepted is ${accepted}`);
}

function checkEncoding(encoding = "snappy"): void {
  if (encoding.toLowerCase() === "snappy") return;
  throw new RefusedRequest(415, `the Content-Encoding is "${encoding}"; accepted is snappy`);
}

/** Version 2.0 demands them; a sender of 1.0 passes them over. */
function writtenHeaders(samples: number, histograms: number, exemplars: number): Record<string, string> {
  return {
    "X-Prometheus-Remote-Write-Samples-Written": String(samples),
    "X-Prometheus-Remote-Write-Histograms-Written": String(histograms),
    "X-Prometheus-Remote-Write-Exemplars-Written": String(exemplars),
  };
}

function reasonsOf({ reasons, refused, samples, histograms, exemplars }: ReceivedRequest): string {
  const written = samples + histograms + exemplars;
  return `${refused} of ${refused + written} samples, histograms and exemplars were not written:\n${reasons.join("\n")}\n`;
}
