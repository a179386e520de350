import { resolve } from "node:path";
import { z } from "zod";
import type { Context } from "../../component.ts";
import type { Handler } from "../../lib/http-server.ts";
import { formatAddress } from "../../lib/listen-address.ts";
import { partsHealth } from "../../lib/parts-health.ts";
import { WebConfigFile } from "../../lib/web-server/web-config-file.ts";
import { WebServer, type WebServerWords } from "../../lib/web-server/web-server.ts";
import { listenAddress } from "../fields.ts";
import { parseWebConfig } from "./parse-web-config.ts";

/** Where a component listens to which others push. */
export function receivingServerFields(address: string) {
  return {
    listen_address: listenAddress
      .prefault(address)
      .describe(
        `Where to listen. \`${address.replace(/.*:/, ":")}\` is every interface; then protect it by \`web_config_file\`.`,
      ),
    web_config_file: z
      .string()
      .min(1, "a file name cannot be empty")
      .optional()
      .describe(
        "Web config file of exporter-toolkit: TLS, users, headers and rate limit. Read again for every request. " +
          "`client_allowed_sans` is refused; `http2` may be set and changes nothing.",
      ),
    max_requests: z
      .int()
      .min(1)
      .default(64)
      .describe("Requests at a time, those that wait for the receivers among them; more are answered with 503."),
  };
}

interface Place {
  readonly listen_address: z.output<typeof listenAddress>;
  readonly web_config_file?: string | undefined;
}

type Surroundings = Pick<Context<never, Record<never, never>>, "configDir" | "log" | "world" | "setHealth">;

/** The server of that place; what is wrong with it is the health of the component. */
export function receivingServer(
  { listen_address, web_config_file }: Place,
  { configDir, log, world: { clock, random }, setHealth }: Surroundings,
  words: WebServerWords,
  handler: Handler,
): WebServer {
  return new WebServer({
    address: listen_address,
    handler,
    remedy: { setting: "listen_address", suspect: "another sonde" },
    words,
    webConfigFile:
      web_config_file === undefined
        ? undefined
        : new WebConfigFile(resolve(configDir, web_config_file), parseWebConfig),
    clock,
    random,
    log,
    onProblem: partsHealth(setHealth),
  });
}

export function isSamePlace(a: Place, b: Place): boolean {
  return formatAddress(a.listen_address) === formatAddress(b.listen_address) && a.web_config_file === b.web_config_file;
}
