import type { Answer } from "../lib/http-answer.ts";
import type { AgentApi } from "./api.ts";

/** A route is a value; the table of them is in routes.ts. */
export interface Route {
  /** A last segment `:name` stands for anything and arrives as `parameter`. */
  readonly path: string;
  /** HEAD is answered wherever GET is. */
  readonly method: "GET" | "POST";
  /** What it is for, in one line. */
  readonly summary: string;
  handle(request: RouteRequest, agent: AgentApi): Answer | Promise<Answer>;
}

export interface RouteRequest {
  /** What stands in the place of `:name`, decoded; else empty. */
  readonly parameter: string;
  readonly query: URLSearchParams;
  /** The client would rather have JSON than text. */
  readonly wantsJson: boolean;
  /** The whole table, for a page that links to the others. */
  readonly routes: readonly Route[];
}
