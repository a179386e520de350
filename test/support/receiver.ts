import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { uncompress } from "snappyjs";
import {
  decodeMetadata,
  decodeWriteRequest,
  type SentFamily,
  type SentSeries,
  staleBits,
} from "../reference/remote-write.ts";
import { decodeRequest } from "../reference/remote-write-2.ts";
import { startHttpServer } from "./http-server.ts";

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly series: readonly SentSeries[];
  /** Of 1.0, where they stand by themselves. */
  readonly metadata: readonly SentFamily[];
}

/** What the receiver does with a request: answer, or say nothing at all. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "hang";

/** A remote write receiver on loopback. It keeps every request, decoded, and answers as it is told. */
export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** All requests, those that were refused among them. */
  readonly requests: readonly ReceivedRequest[];
  /** The samples it took, in the order they came: `up{job="api"} 1 @1767225600000`, or with `stale` for a value. */
  readonly samples: readonly string[];
  /** Answers like this from now on; 204 at first. */
  answer(answer: Answer): void;
  /** Resolves as soon as `count` requests have come, answered or hanging. */
  requestCount(count: number): Promise<void>;
  /** Resolves as soon as `count` samples were taken. */
  sampleCount(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startReceiver(options: { port?: number; tls?: ServerOptions } = {}): Promise<TestReceiver> {
  const requests: ReceivedRequest[] = [];
  const samples: string[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer = { status: 204 };

  const server = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => take(request, response, Buffer.concat(chunks)));
  }, options);

  function take({ url, headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const isSecond = String(headers["content-type"]).includes("io.prometheus.write.v2.Request");
    const message = uncompress(body);
    const series = isSecond ? decodeRequest(message) : decodeWriteRequest(message);
    requests.push({ path: url ?? "", headers, series, metadata: isSecond ? [] : decodeMetadata(message) });
    if (answer !== "hang" && answer.status < 300) samples.push(...series.flatMap(describeSeries));
    if (answer !== "hang") send(response, answer, isSecond ? writtenHeaders(series) : {});
    for (const check of waiting) check();
  }

  function until(isReached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isReached()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  }

  return {
    url: `${server.url}/api/v1/write`,
    port: server.port,
    requests,
    samples,
    answer: (next) => {
      answer = next;
    },
    requestCount: (count) => until(() => requests.length >= count),
    sampleCount: (count) => until(() => samples.length >= count),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function send(
  response: ServerResponse,
  { status, headers, body }: Exclude<Answer, "hang">,
  written: Record<string, string>,
): void {
  response.writeHead(status, headers ?? (status < 300 ? written : {})).end(body);
}

/** What a receiver of 2.0 must say. */
function writtenHeaders(series: readonly SentSeries[]): Record<string, string> {
  const count = (kind: "samples" | "histograms" | "exemplars") =>
    String(series.reduce((sum, each) => sum + each[kind].length, 0));
  return {
    "X-Prometheus-Remote-Write-Samples-Written": count("samples"),
    "X-Prometheus-Remote-Write-Histograms-Written": count("histograms"),
    "X-Prometheus-Remote-Write-Exemplars-Written": count("exemplars"),
  };
}

function describeSeries({ labels, samples }: SentSeries): string[] {
  const name = labels.find(([label]) => label === "__name__")?.[1] ?? "";
  const others = labels.filter(([label]) => label !== "__name__").map(([label, value]) => `${label}="${value}"`);
  const series = others.length === 0 ? name : `${name}{${others.join(",")}}`;
  return samples.map(({ bits, timestamp }) => `${series} ${describeValue(bits)} @${timestamp}`);
}

function describeValue(bits: bigint): string {
  return bits === staleBits ? "stale" : String(new Float64Array(BigUint64Array.of(bits).buffer)[0]);
}
