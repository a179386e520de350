import { gunzipSync, gzipSync } from "node:zlib";
import { decodeJson, encodeJson } from "../../formats/loki-push/json.ts";
import { readLogBlock, readRequest } from "../../formats/loki-push/log-block.ts";
import { encodePushRequest } from "../../formats/loki-push/push-request.ts";
import { countEntries, splitBatches } from "../../formats/loki-push/split.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { BlockCodec, PushRequest } from "./block-codec.ts";
import type { Outcome } from "./push-client.ts";

export interface LokiCodecOptions {
  /** Of entries that do not say themselves; without, the header is left out for them. */
  readonly tenant?: string;
  /** Protobuf with snappy, or JSON with gzip. */
  readonly encoding: LokiEncoding;
  /** Whether a request is sent again that is beyond a rate limit (429); else it is given up. */
  readonly retriesRateLimited: boolean;
}

export type LokiEncoding = "protobuf" | "json";

/** Loki's push API (documented as POST /loki/api/v1/push). */
const protocolHeaders: Readonly<Record<LokiEncoding, Readonly<Record<string, string>>>> = {
  protobuf: { "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf" },
  json: { "Content-Encoding": "gzip", "Content-Type": "application/json" },
};

const tenantHeader = "X-Scope-OrgID";

/** Headers are remembered for so many tenants; more of them are rare, and forgetting costs little. */
const rememberedTenants = 1000;

/**
 * Blocks of logs, for one endpoint. As protobuf a block is sent as the queue has it, byte by byte, without the tenant in
 * front; for JSON it is translated.
 *
 * A Loki that answers 400 has stored the entries that are valid, all the same, and takes them a second time when the halves
 * are sent: it drops an entry whose stream has the same time, line and metadata already. Receivers that refuse a
 * request as a whole need the halves to get the valid entries at all.
 */
export function lokiCodec({ tenant: ownTenant = "", encoding, retriesRateLimited }: LokiCodecOptions): BlockCodec {
  const snappy = new SnappyEncoder();
  const known = new Map<string, Readonly<Record<string, string>>>();

  /** One object for each tenant: the client keeps what it makes of it. */
  function headersOf(tenant: string): Readonly<Record<string, string>> {
    const before = known.get(tenant);
    if (before !== undefined) return before;
    if (known.size >= rememberedTenants) known.clear();
    const headers = { ...protocolHeaders[encoding], ...(tenant !== "" && { [tenantHeader]: tenant }) };
    known.set(tenant, headers);
    return headers;
  }

  function encode(batches: readonly LogBatch[]): Uint8Array {
    return encoding === "json" ? gzipSync(encodeJson(batches)) : snappy.compress(encodePushRequest(batches));
  }

  return {
    request({ payload, records, maxTimestamp }): PushRequest {
      const { tenant, request } = readLogBlock(payload);
      const wire = encoding === "json" ? encode(readRequest(request)) : request;
      return { payload: wire, records, maxTimestamp, headers: headersOf(tenant === "" ? ownTenant : tenant) };
    },

    halves({ maxTimestamp, headers, ...request }) {
      const halves = splitBatches(batchesOf({ ...request, headers, maxTimestamp }));
      if (halves === undefined) return undefined;
      const [first, second] = halves.map((batches) => {
        return { payload: encode(batches), records: countEntries(batches), maxTimestamp, headers };
      });
      return first && second && [first, second];
    },

    fallBack: () => false,

    judge(outcome, { headers }) {
      if (outcome.kind === "retry" && outcome.status === 429 && !retriesRateLimited) {
        return { kind: "reject", status: 429, reason: outcome.reason };
      }
      return judgeStatus(outcome, tenantOf(headers));
    },
  };
}

/** The entries of a request of this codec. */
export function batchesOf({ payload, headers }: PushRequest): LogBatch[] {
  const isJson = headers["Content-Type"] === protocolHeaders.json["Content-Type"];
  return isJson ? decodeJson(gunzipSync(payload).toString()) : readRequest(payload);
}

/** Whose entries a request of this codec has; empty where it does not say. */
export function tenantOf(headers: PushRequest["headers"]): string {
  return headers[tenantHeader] ?? "";
}

/** What Loki says about single entries and streams (pkg/validation and the ingester's errors). */
const aboutEntries =
  /timestamp too (old|new)|too far behind|out of order|max entry size|label (name|value|pair)|parsing labels|structured metadata/i;

function judgeStatus(outcome: Outcome, tenant: string): Outcome {
  if (outcome.kind === "reject" && aboutEntries.test(outcome.reason)) return { ...outcome, hasRead: true };
  // What an operator blocks is answered with success, so that agents do not send it again (Loki, "Block unwanted data").
  if (outcome.kind === "delivered" && outcome.status === 260) {
    return { kind: "reject", status: 260, reason: "HTTP 260: the operator of this Loki has blocked the ingestion" };
  }
  if (outcome.kind === "reject" && outcome.status === 415) {
    return { kind: "park", status: 415, reason: `${outcome.reason}; set encoding to the other one` };
  }
  if (outcome.kind === "park" && outcome.status === 401 && tenant === "") {
    return { ...outcome, reason: `${outcome.reason}, or set tenant_id` };
  }
  return outcome;
}
