import type { IncomingMessage } from "node:http";
import { decodeJson } from "../../formats/loki-push/json.ts";
import { decodeLegacyJson } from "../../formats/loki-push/legacy-json.ts";
import { LokiPushError } from "../../formats/loki-push/loki-push-error.ts";
import { decodePushRequest } from "../../formats/loki-push/push-request.ts";
import { tenantLabel } from "../../formats/relabel/source-labels.ts";
import { ArrivalTimes } from "../../lib/arrival-times.ts";
import type { Clock } from "../../lib/clock.ts";
import { BodyTooLargeError } from "../../lib/http-message.ts";
import { ProtobufError } from "../../lib/protobuf-reader.ts";
import { decompress, SnappyError } from "../../lib/snappy-decode.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { gunzipped, RefusedRequest, readBody, tooLarge } from "./request-body.ts";

export interface LokiPushSettings {
  /** Labels of every entry; they win over those that were sent. */
  readonly labels: Readonly<Record<string, string>>;
  /** What becomes of the labels of a stream; undefined: its entries are left out. */
  labelsOf(labels: Labels): Labels | undefined;
  readonly useIncomingTimestamp: boolean;
  /** Bytes of a body, decompressed. */
  readonly maxMessageSize: number;
}

const limitSetting = "max_send_message_size";

/** Reads requests of Loki's push API, and the lines of plain bodies, as batches to send on. */
export class LokiPush {
  settings: LokiPushSettings;
  readonly #times: ArrivalTimes;

  constructor(settings: LokiPushSettings, clock: Clock) {
    this.settings = settings;
    this.#times = new ArrivalTimes(clock);
  }

  /** What `/loki/api/v1/push` takes; with `isLegacy`, what `/api/prom/push` takes. Throws a RefusedRequest. */
  async push(request: IncomingMessage, isLegacy: boolean): Promise<LogBatch[]> {
    const { maxMessageSize, useIncomingTimestamp } = this.settings;
    const type = contentType(request);
    if (type !== "application/json" && type !== "application/x-protobuf") {
      throw new RefusedRequest(
        415,
        `the Content-Type is "${type}"; accepted are application/json and application/x-protobuf`,
      );
    }
    const isJson = type === "application/json";
    const body = await this.#body(request, isJson ? 0 : Math.ceil(maxMessageSize / 6) + 32, isJson ? [] : ["snappy"]);
    const batches = decoded(() => {
      if (!isJson) return decodePushRequest(decompress(body, maxMessageSize));
      return (isLegacy ? decodeLegacyJson : decodeJson)(body.toString());
    });
    return batches.flatMap(
      (batch) =>
        this.#labeled(useIncomingTimestamp ? batch : { ...batch, timestamps: this.#now(batch) }, request) ?? [],
    );
  }

  /** A line is an entry; empty ones are none. */
  async raw(request: IncomingMessage): Promise<LogBatch[]> {
    const text = (await this.#body(request, 0, [])).toString();
    const lines = text.split("\n").map((line) => line.replace(/\r+$/, ""));
    const batch = { stream: [], lines: lines.filter((line) => line !== "") };
    if (batch.lines.length === 0) return [];
    return [this.#labeled({ ...batch, timestamps: this.#now(batch) }, request) ?? []].flat();
  }

  /** The body without its gzip. `encodings` are those that the format itself undoes, and that may be longer by `extra`. */
  async #body(request: IncomingMessage, extra: number, encodings: readonly string[]): Promise<Buffer> {
    const { maxMessageSize } = this.settings;
    const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "";
    const isGzip = encoding === "gzip";
    if (encoding !== "" && !isGzip && !encodings.includes(encoding)) {
      const accepted = ["gzip", ...encodings].join(" and ");
      throw new RefusedRequest(415, `the Content-Encoding is "${encoding}"; accepted is ${accepted}`);
    }
    const body = await readBody(request, maxMessageSize + extra, limitSetting);
    if (!isGzip) return body;
    try {
      return await gunzipped(body, maxMessageSize + extra);
    } catch (error) {
      throw error instanceof BodyTooLargeError ? tooLarge(error.message, limitSetting) : error;
    }
  }

  /** With the labels of the component, of the tenant and of the rules; undefined where they leave it out. */
  #labeled(batch: LogBatch, request: IncomingMessage): LogBatch | undefined {
    const { labels, labelsOf } = this.settings;
    const tenant = String(request.headers["x-scope-orgid"] ?? "");
    const all = labelsFrom({ ...labelRecord(batch.stream), ...labels, [tenantLabel]: tenant });
    const stream = labelsOf(all);
    return stream && { ...batch, stream };
  }

  #now({ lines }: Pick<LogBatch, "lines">): BigInt64Array {
    return BigInt64Array.from(lines, () => this.#times.next());
  }
}

function contentType(request: IncomingMessage): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function decoded(decode: () => LogBatch[]): LogBatch[] {
  try {
    return decode();
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw tooLarge(error.message, limitSetting);
    if (error instanceof SnappyError) throw new RefusedRequest(400, `the body is no block of Snappy: ${error.message}`);
    if (error instanceof ProtobufError) throw new RefusedRequest(400, `the body is no PushRequest: ${error.message}`);
    if (error instanceof LokiPushError) throw new RefusedRequest(400, error.message);
    throw error;
  }
}
