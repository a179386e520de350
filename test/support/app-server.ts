import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * An application to scrape. It counts its requests and their durations and shows them at /metrics, text format 0.0.4.
 * To have one beside you: `node test/support/app-server.ts 8080`, then `curl` any of its paths. The code it answers
 * with can be chosen (`/?code=500`). Durations are not measured: request after request they go through a fixed cycle,
 * so the same requests always make the same page. Scrapes are not counted.
 */
export interface AppServer extends AsyncDisposable {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Counts a request that nobody made. */
  record(method: string, code: number, seconds: number): void;
  /** What /metrics shows now. */
  page(): string;
  stop(): Promise<void>;
}

const buckets = [0.05, 0.1, 0.25, 0.5, 1];
const cycle = [0.03, 0.08, 0.2, 0.4, 2];

export async function startAppServer({ port = 0 }: { port?: number } = {}): Promise<AppServer> {
  const requests = new Map<string, number>();
  const durations: number[] = [];

  function record(method: string, code: number, seconds: number): void {
    const labels = `method="${method.toLowerCase()}",code="${code}"`;
    requests.set(labels, (requests.get(labels) ?? 0) + 1);
    durations.push(seconds);
  }
  const page = () => renderRequests(requests) + renderDurations(durations);

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/metrics") {
      response.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8").end(page());
      return;
    }
    const code = Number(url.searchParams.get("code") ?? 200);
    record(request.method ?? "GET", code, cycle[durations.length % cycle.length] ?? 0);
    response.writeHead(code, { "Content-Type": "text/plain" }).end("hello\n");
  });
  await once(server.listen(port, "127.0.0.1"), "listening");

  async function stop(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, record, page, stop, [Symbol.asyncDispose]: stop };
}

function renderRequests(requests: ReadonlyMap<string, number>): string {
  const samples = Array.from(requests, ([labels, count]) => `http_requests_total{${labels}} ${count}\n`);
  return `# HELP http_requests_total Requests by method and code.
# TYPE http_requests_total counter
${samples.join("")}`;
}

function renderDurations(durations: readonly number[]): string {
  const upTo = (limit: number) => durations.filter((seconds) => seconds <= limit).length;
  const counts = buckets.map((limit) => `http_request_duration_seconds_bucket{le="${limit}"} ${upTo(limit)}\n`);
  const sum = durations.reduce((total, seconds) => total + seconds, 0);
  return `# HELP http_request_duration_seconds How long requests took.
# TYPE http_request_duration_seconds histogram
${counts.join("")}http_request_duration_seconds_bucket{le="+Inf"} ${durations.length}
http_request_duration_seconds_sum ${sum}
http_request_duration_seconds_count ${durations.length}
`;
}

if (import.meta.main) {
  const app = await startAppServer({ port: Number(process.argv[2] ?? 8080) });
  console.log(`An application for Sonde to scrape.

  Look at  ${app.url}/metrics
  Try      curl ${app.url}/cart
           curl ${app.url}/?code=500
  Stop     Ctrl-C`);
}
