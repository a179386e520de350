import type { IncomingMessage } from "node:http";
import type { Clock } from "../../lib/clock.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { retryAfter } from "./forward.ts";
import type { LogForwarder } from "./log-forwarder.ts";
import type { LokiPush } from "./loki-push.ts";
import { RefusedRequest } from "./request-body.ts";

/** The paths of Loki, and those of Loki's agents. */
const routes = {
  "/loki/api/v1/push": "push",
  "/api/v1/push": "push",
  "/api/prom/push": "legacy_push",
  "/loki/api/v1/raw": "raw",
  "/api/v1/raw": "raw",
  "/ready": "ready",
} as const;

export type LokiRoute = (typeof routes)[keyof typeof routes] | "none";

interface LokiRoutesOptions {
  readonly push: LokiPush;
  readonly forwarder: LogForwarder;
  readonly clock: Clock;
  onWritten(entries: number): void;
  onAnswer(route: LokiRoute, status: number, seconds: number): void;
}

/** Answers requests, no more than so many at a time. */
export class LokiRoutes {
  maxRequests: number;
  readonly #options: LokiRoutesOptions;
  #underWay = 0;

  constructor(maxRequests: number, options: LokiRoutesOptions) {
    this.maxRequests = maxRequests;
    this.#options = options;
  }

  get underWay(): number {
    return this.#underWay;
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const { clock, onAnswer } = this.#options;
    const started = clock.monotonic();
    const [path = ""] = (request.url ?? "/").split("?", 1);
    const route = Object.hasOwn(routes, path) ? routes[path as keyof typeof routes] : "none";
    const answer = await this.#answer(request, route);
    onAnswer(route, answer.status, (clock.monotonic() - started) / 1000);
    return answer;
  }

  async #answer(request: IncomingMessage, route: LokiRoute): Promise<Answer> {
    if (route === "none") return textAnswer(404, "404 page not found\n");
    if (route === "ready") return textAnswer(200, "ready\n");
    if (request.method !== "POST") return textAnswer(405, "send it by POST\n", { Allow: "POST" });
    if (this.#underWay >= this.maxRequests) {
      return textAnswer(503, `${this.maxRequests} requests are under way (max_requests)\n`, retryAfter);
    }
    this.#underWay++;
    try {
      const { push, forwarder, onWritten } = this.#options;
      const batches: LogBatch[] =
        route === "raw" ? await push.raw(request) : await push.push(request, route !== "push");
      await forwarder.forward(batches);
      onWritten(batches.reduce((sum, { lines }) => sum + lines.length, 0));
      return { status: 204, body: "" };
    } catch (error) {
      if (error instanceof RefusedRequest) return error.answer;
      throw error;
    } finally {
      this.#underWay--;
    }
  }
}
