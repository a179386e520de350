import { z } from "zod";
import { duration, listenAddress } from "./fields.ts";

const logging = z.strictObject({
  level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least severe event that is logged."),
  format: z.enum(["logfmt", "json"]).default("logfmt").describe("How an event is written."),
  write_to: z
    .array(z.string())
    .default([])
    .describe(
      "The ids of components that accept logs, such as a `loki.write`, and get the log besides: with the label " +
        '`agent="sonde"`, without what these components and those behind them say. Lines wait in memory, 1000 at most.',
    ),
});

const http = z.strictObject({
  listen_address: listenAddress
    .prefault("127.0.0.1:12345")
    .describe("Where the agent answers: health, reload, its metrics and its pages. Taken at the start."),
});

const storage = z.strictObject({
  path: z
    .string()
    .min(1, "a path cannot be empty")
    .default("/var/lib/sonde")
    .describe(
      "The folder for what must outlive the process; each component has a folder of its own in it. " +
        "`--storage.path` on the command line wins over it.",
    ),
  shutdown_timeout: duration
    .prefault("15s")
    .describe("How long a stop may take to deliver what is on its way. A service manager must wait longer than that."),
});

/** The settings of the agent itself: the top-level keys without a dot. */
export const settingsSchemas = { logging, http, storage } as const;

export const settingsSummaries: Readonly<Record<keyof typeof settingsSchemas, string>> = {
  logging: "The agent's own log, on standard error.",
  http: "The agent's own HTTP server.",
  storage: "State and shutdown.",
};

export type Settings = { readonly [Name in keyof typeof settingsSchemas]: z.output<(typeof settingsSchemas)[Name]> };
