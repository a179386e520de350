import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Page, ScrapeCase } from "../corpus/scrape-case.ts";
import { startHttpServer, type TestServer } from "./http-server.ts";

export interface CorpusServer extends TestServer {
  /** The path of a case's target. */
  pathOf(scrapeCase: ScrapeCase): string;
  /** The headers of the first request that this client made for the target. */
  headers(client: string, scrapeCase: ScrapeCase): IncomingHttpHeaders | undefined;
}

/**
 * Serves every case under a path of its own. Each client, told by its User-Agent, goes through the pages by itself.
 * Requests wait for `served`, which is the cases with pages that may tell another time.
 */
export async function startCorpusServer(
  cases: readonly ScrapeCase[],
  served: Promise<readonly ScrapeCase[]>,
): Promise<CorpusServer> {
  const requests = new Map<string, IncomingHttpHeaders[]>();
  const key = (client: string, path: string) => `${client.split("/")[0]} ${path}`;

  const server = await startHttpServer((request, response) => void respond(request, response));

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pagesOf = await served;
    // It came on a connection that a raw answer has ended meanwhile; the client sees that, and asks again on another.
    if (request.socket.writableEnded) return;
    const path = request.url ?? "";
    const at = /^\/case\/(\d+)$/.exec(path)?.[1];
    const pages = at === undefined ? elsewhere : (pagesOf[Number(at)]?.pages ?? []);
    const client = key(request.headers["user-agent"] ?? "", path);
    const before = requests.get(client) ?? [];
    requests.set(client, [...before, request.headers]);
    const page = pages[Math.min(before.length, pages.length - 1)];
    if (page !== undefined) answer(page, request, response);
  }

  return {
    ...server,
    pathOf: (scrapeCase) => `/case/${cases.indexOf(scrapeCase)}`,
    headers: (client, scrapeCase) => requests.get(key(client, `/case/${cases.indexOf(scrapeCase)}`))?.[0],
  };
}

/** Where redirects lead to. */
const elsewhere: readonly Page[] = [{ body: "elsewhere 1\n", contentType: "text/plain" }];

function answer(page: Page, request: IncomingMessage, response: ServerResponse): void {
  if (page.raw !== undefined) {
    request.socket.end(page.raw, "latin1");
    return;
  }
  const type = page.contentType === undefined ? {} : { "Content-Type": page.contentType };
  response.writeHead(page.status ?? 200, { ...type, ...page.headers }).end(page.body);
}
