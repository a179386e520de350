import type { ServerResponse } from "node:http";

/** What a handler has to say. A value, so that handlers are functions that tests can call. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body: text };
}

/** Node leaves the body out by itself where the request was a HEAD; the headers stay as they are. */
export function sendAnswer(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(body), ...headers }).end(body);
}
