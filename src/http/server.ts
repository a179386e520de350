import { listenHttp } from "../lib/http-server.ts";
import type { ListenAddress } from "../lib/listen-address.ts";
import type { AgentApi } from "./api.ts";
import { refusal, securityHeaders } from "./guard.ts";
import { answerRequest } from "./router.ts";
import { routes } from "./routes.ts";

export type { AgentApi, ReloadOutcome } from "./api.ts";

export interface HttpServer {
  /** As bound: the port is never 0. */
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** The agent's own HTTP API. Rejects with a ListenError when the port cannot be had. */
export function startHttpServer(
  address: ListenAddress,
  agent: AgentApi,
  onBug?: (error: unknown) => void,
): Promise<HttpServer> {
  return listenHttp({
    address,
    remedy: { setting: "http.listen_address", suspect: "another sonde" },
    ...(onBug && { onBug }),
    async handler(request) {
      const answer = refusal(request, address) ?? (await answerRequest(routes, request, agent));
      return { ...answer, headers: { ...securityHeaders, ...answer.headers } };
    },
  });
}
