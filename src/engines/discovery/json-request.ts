import { HttpError } from "../../lib/http-error.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http-message.ts";

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface JsonAnswer {
  readonly value: unknown;
  header(name: string): string | undefined;
}

/** An answer that is a refusal, or not an answer to the question. */
export class AnswerError extends HttpError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The JSON at a URL. Rejects with an HttpError; an AnswerError where the status is not 200. */
export async function requestJson(send: Send, request: HttpRequest): Promise<JsonAnswer> {
  const response = await send(request);
  const text = Buffer.from(await response.read(maxBytes)).toString();
  if (response.status !== 200) throw new AnswerError(response.status, refusal(request.url, response.status, text));
  try {
    return { value: JSON.parse(text), header: (name) => response.header(name) };
  } catch {
    throw new AnswerError(200, `${place(request.url)} answers something that is not JSON`);
  }
}

/** Far beyond any real list. */
const maxBytes = 256 * 2 ** 20;

/** With the message of the server, which most APIs write for people; queries may hold secrets and are left out. */
function refusal(url: URL, status: number, text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,200})/.exec(text.slice(0, 4096))?.[1] ?? text.slice(0, 200);
  const words = message.replaceAll(/\s+/g, " ").trim();
  return `${place(url)} answers HTTP status ${status}${words === "" ? "" : `: ${words}`}`;
}

function place({ host, pathname }: URL): string {
  return `${host}${pathname}`;
}
