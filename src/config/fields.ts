import { z } from "zod";
import { parseDuration } from "../lib/duration.ts";
import { Secret } from "../lib/secret.ts";

/**
 * The vocabulary of the config, once. Fields with a transform take their default by `.prefault("30s")`, so that the
 * default is written, checked and documented as a user would write it.
 */

/** `15s`, `1m30s`; milliseconds after parsing. */
export const duration = z
  .string({ error: "expected a duration such as 15s or 1m30s" })
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    const message = isDigits(text)
      ? `"${text}" has no unit; write ${text}s for seconds`
      : `"${text}" is not a duration; write 15s, 1m30s or 2h`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .meta({ format: "duration" });

/** A duration longer than nothing. */
export const positiveDuration = duration.refine((ms) => ms > 0, "must be longer than 0s");

const byteUnits: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** `64MiB`, `512KB`; powers of 1024, as in Prometheus; bytes after parsing. */
export const bytes = z
  .string({ error: "expected a size such as 64MiB" })
  .transform((text, context) => {
    const [, number = "", unit = ""] = /^([0-9]+)([KMGT]?i?B)$/.exec(text) ?? [];
    const factor = byteUnits[unit.replace("i", "")];
    if (factor !== undefined) return Number(number) * factor;
    const message = isDigits(text)
      ? `"${text}" has no unit; write ${text}B for bytes`
      : `"${text}" is not a size; write 512KiB, 64MiB or 1GiB`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .meta({ format: "bytes" });

/** `127.0.0.1:9100`, `:9100`, `[::1]:9100`. */
export const listenAddress = z
  .string()
  .transform((text, context) => {
    const [, host = "", portText = ""] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):([0-9]{1,5})$/.exec(text) ?? [];
    if (portText !== "" && Number(portText) <= 65_535) {
      return { host: host.replace(/^\[|\]$/g, ""), port: Number(portText) };
    }
    context.addIssue({ code: "custom", message: `"${text}" is not a listen address; write host:port or :port` });
    return z.NEVER;
  })
  .meta({ format: "listen-address" });

export const httpUrl = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), {
  error: "expected a URL that begins with http:// or https://",
});

/** Never printed: see lib/secret.ts. */
export const secret = z
  .string()
  .transform((text) => new Secret(text))
  .meta({ secret: true });

/** Any non-empty UTF-8 string is a label name (Prometheus 3). */
export const labelName = z.string().min(1, "a label name cannot be empty");

/** The mistake that is made most often with durations and sizes. */
function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}
