import type { IncomingMessage } from "node:http";
import { isPushPath } from "../../formats/pushgateway/grouping-key.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { retryAfter } from "./forward.ts";
import type { Pushgateway } from "./pushgateway.ts";
import type { RemoteWrite } from "./remote-write.ts";
import { RefusedRequest } from "./request-body.ts";

export interface ReceiveLimits {
  /** Bytes of a body, decompressed. */
  readonly maxRequestSize: number;
  /** Requests that are being read or wait for the receivers. */
  readonly maxRequests: number;
}

/** The APIs under their paths: Alloy's and Prometheus' for remote write, the Pushgateway's for pushes. */
const writePaths = new Set(["/api/v1/metrics/write", "/api/v1/write"]);

export type ReceiveApi = "remote_write" | "pushgateway" | "none";

/** Answers requests, no more than so many at a time. */
export class ReceiveRoutes {
  limits: ReceiveLimits;
  readonly #remoteWrite: RemoteWrite;
  readonly #pushgateway: Pushgateway;
  readonly #onAnswer: (api: ReceiveApi, status: number) => void;
  #underWay = 0;

  constructor(
    limits: ReceiveLimits,
    remoteWrite: RemoteWrite,
    pushgateway: Pushgateway,
    onAnswer: (api: ReceiveApi, status: number) => void,
  ) {
    this.limits = limits;
    this.#remoteWrite = remoteWrite;
    this.#pushgateway = pushgateway;
    this.#onAnswer = onAnswer;
  }

  get underWay(): number {
    return this.#underWay;
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const [path = ""] = (request.url ?? "/").split("?", 1);
    const api = apiOf(path);
    const answer = await this.#answer(request, api, path);
    this.#onAnswer(api, answer.status);
    return answer;
  }

  async #answer(request: IncomingMessage, api: ReceiveApi, path: string): Promise<Answer> {
    if (api === "none") return textAnswer(404, "404 page not found\n");
    const { maxRequests, maxRequestSize } = this.limits;
    if (this.#underWay >= maxRequests) {
      return textAnswer(503, `${maxRequests} requests are under way (max_requests)\n`, retryAfter);
    }
    this.#underWay++;
    try {
      if (api === "remote_write") return await this.#remoteWrite.answer(request, maxRequestSize);
      return await this.#pushgateway.answer(request, path, maxRequestSize);
    } catch (error) {
      if (error instanceof RefusedRequest) return error.answer;
      throw error;
    } finally {
      this.#underWay--;
    }
  }
}

function apiOf(path: string): ReceiveApi {
  if (writePaths.has(path)) return "remote_write";
  return isPushPath(path) ? "pushgateway" : "none";
}
