import type { GraphView } from "../graph/view.ts";

/** What the HTTP server may ask of the agent. */
export interface AgentApi {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Undefined while the first graph is being built. */
  graph(): GraphView | undefined;
  isReady(): boolean;
  reload(): Promise<ReloadOutcome>;
  /** The self-metrics in the text exposition format. */
  renderMetrics(): Promise<string>;
}

export type ReloadOutcome =
  | { readonly ok: true; readonly summary: string }
  | { readonly ok: false; readonly text: string; readonly diagnostics: readonly object[] };
