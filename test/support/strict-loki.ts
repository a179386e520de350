import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { gunzipSync, inflateSync } from "node:zlib";
import { uncompress } from "snappyjs";
import { labelsFrom } from "../../src/signals/labels.ts";
import { readPushRequest, type SentStream } from "../reference/loki-push.ts";
import { startHttpServer } from "./http-server.ts";
import { type LokiLimits, LokiRules, lokiLimits, type StoredEntry, type Verdict } from "./strict-loki-rules.ts";

export interface LokiRequest {
  readonly headers: IncomingHttpHeaders;
  readonly tenant: string;
  /** Empty where the body could not be read. */
  readonly streams: readonly SentStream[];
  /** What it was answered with; 0 for one that gets no answer. */
  readonly status: number;
}

/** What is done instead of what Loki would do; nothing of the request is stored, but for `store and reset`. */
export type LokiAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "hang"
  | "reset"
  /** Loki has it, and the sender does not know. */
  | "store and reset";

/** A Loki on loopback that takes, refuses and says what Loki 3.5 does with its default limits, and keeps what it took. */
export interface StrictLoki extends AsyncDisposable {
  /** Of the push API. */
  readonly url: string;
  readonly port: number;
  /** All requests, those that were refused among them. */
  readonly requests: readonly LokiRequest[];
  /** What it has stored, in its order. */
  readonly entries: readonly StoredEntry[];
  /** How many entries it was sent that it had already. */
  readonly duplicates: number;
  /** The lines of a tenant, stream by stream as `{app="api"}`, in the order in which they were stored. */
  lines(tenant?: string): Readonly<Record<string, readonly string[]>>;
  /** Answers like this from now on, or as the function says for the number of the request; as Loki again without one. */
  answer(answer?: LokiAnswer | ((request: number) => LokiAnswer | undefined)): void;
  /** Resolves as soon as `count` requests have come, answered or hanging. */
  requestCount(count: number): Promise<void>;
  /** Resolves as soon as it holds `count` entries. */
  entryCount(count: number): Promise<void>;
  /** Closes the port and every connection; what was stored can still be looked at. */
  close(): Promise<void>;
}

export interface StrictLokiOptions {
  readonly port?: number;
  readonly tls?: ServerOptions;
  readonly limits?: Partial<LokiLimits>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Whether a request must name a tenant; without, all are of the tenant `fake`, as in Loki. */
  readonly authEnabled?: boolean;
  /** Of another one that was closed: it has what that one had. */
  readonly after?: StrictLoki;
}

export async function startStrictLoki(options: StrictLokiOptions = {}): Promise<StrictLoki> {
  const { now = Date.now, authEnabled = false, limits, after } = options;
  const rules = rulesOf.get(after as StrictLoki) ?? new LokiRules({ ...lokiLimits, ...limits });
  const requests: LokiRequest[] = [];
  const waiting = new Set<() => void>();
  let fixed: Parameters<StrictLoki["answer"]>[0];

  const server = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => take(request, response, Buffer.concat(chunks)));
  }, options);

  function take({ method, url, headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const tenant = authEnabled ? String(headers["x-scope-orgid"] ?? "") : "fake";
    const read = readBody(headers, body);
    const streams = Array.isArray(read) ? read : [];
    const verdict = (): Verdict => {
      if (method !== "POST" || url !== "/loki/api/v1/push") return { status: 404, body: "404 page not found\n" };
      if (tenant === "") return { status: 401, body: "no org id\n" };
      return Array.isArray(read) ? rules.push(tenant, read, now()) : read;
    };
    const answer = (typeof fixed === "function" ? fixed(requests.length) : fixed) ?? verdict();
    if (answer === "store and reset") verdict();
    requests.push({ headers, tenant, streams, status: typeof answer === "string" ? 0 : answer.status });
    send(response, answer);
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

  const loki: StrictLoki = {
    url: `${server.url}/loki/api/v1/push`,
    port: server.port,
    requests,
    entries: rules.entries,
    get duplicates() {
      return rules.duplicates;
    },
    lines: (tenant = "fake") => linesOf(rules.entries.filter((entry) => entry.tenant === tenant)),
    answer: (next) => {
      fixed = next;
    },
    requestCount: (count) => until(() => requests.length >= count),
    entryCount: (count) => until(() => rules.entries.length >= count),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
  rulesOf.set(loki, rules);
  return loki;
}

function send(response: ServerResponse, answer: LokiAnswer | Verdict): void {
  if (answer === "hang") return;
  if (typeof answer === "string") response.socket?.resetAndDestroy();
  else response.writeHead(answer.status, "headers" in answer ? answer.headers : {}).end(answer.body);
}

const rulesOf = new WeakMap<StrictLoki, LokiRules>();

/** The streams, or why the body cannot be read. */
function readBody(headers: IncomingHttpHeaders, body: Buffer): SentStream[] | Verdict {
  const [type] = (headers["content-type"] ?? "").split(";");
  if (type === "") return { status: 400, body: "mime: no media type" };
  try {
    return type === "application/json" ? readJson(headers, body) : readProtobuf(headers, body);
  } catch (error) {
    return { status: 400, body: (error as Error).message };
  }
}

function readProtobuf(headers: IncomingHttpHeaders, body: Buffer): SentStream[] {
  const encoding = headers["content-encoding"] ?? "snappy";
  if (encoding !== "snappy") throw new Error(`Content-Encoding "${encoding}" not supported`);
  return readPushRequest(uncompress(body));
}

function readJson(headers: IncomingHttpHeaders, body: Buffer): SentStream[] {
  const encoding = headers["content-encoding"] ?? "";
  const text = encoding === "gzip" ? gunzipSync(body) : encoding === "deflate" ? inflateSync(body) : body;
  if (!["", "gzip", "deflate"].includes(encoding)) throw new Error(`Content-Encoding "${encoding}" not supported`);
  const { streams = [] } = JSON.parse(text.toString()) as { streams?: JsonStream[] };
  return streams.map(({ stream, values }) => ({
    labels: `{${Object.entries(stream)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(", ")}}`,
    entries: values.map(([timestamp, line, metadata = {}]) => {
      if (typeof timestamp !== "string" || !/^-?[0-9]+$/.test(timestamp)) throw new Error("Value is not a string");
      return { timestamp: BigInt(timestamp), line, metadata: labelsFrom(metadata) };
    }),
  }));
}

interface JsonStream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [unknown, string, Readonly<Record<string, string>>?])[];
}

function linesOf(entries: readonly StoredEntry[]): Record<string, string[]> {
  const lines: Record<string, string[]> = {};
  for (const { stream, line } of entries) {
    const pairs: string[] = [];
    for (let at = 0; at < stream.length; at += 2) pairs.push(`${stream[at]}=${JSON.stringify(stream[at + 1])}`);
    const key = `{${pairs.join(", ")}}`;
    lines[key] ??= [];
    lines[key].push(line);
  }
  return lines;
}
