import { expect, test } from "vitest";
import type { z } from "zod";
import {
  bytes,
  duration,
  httpUrl,
  labelName,
  listenAddress,
  positiveDuration,
  secret,
} from "../../src/config/fields.ts";

/** What the field makes of the text, or the message that it refuses it with. */
function read(field: z.ZodType, text: unknown): unknown {
  const result = field.safeParse(text);
  return result.success ? result.data : result.error.issues[0]?.message;
}

test("a duration is Prometheus', in milliseconds", () => {
  const f = (text: unknown, want: unknown) => expect(read(duration, text)).toEqual(want);
  f("15s", 15_000);
  f("1m30s", 90_000);
  f("0", 0);
  f("15", '"15" has no unit; write 15s for seconds');
  f("1.5s", '"1.5s" is not a duration; write 15s, 1m30s or 2h');
  f("", '"" is not a duration; write 15s, 1m30s or 2h');
  f(["15s"], "expected a duration such as 15s or 1m30s");
  expect(read(positiveDuration, "0s")).toBe("must be longer than 0s");
  expect(read(positiveDuration, "1ms")).toBe(1);
});

test("a size is in powers of 1024, as in Prometheus", () => {
  const f = (text: unknown, want: unknown) => expect(read(bytes, text)).toEqual(want);
  f("64MiB", 67_108_864);
  f("64MB", 67_108_864);
  f("0B", 0);
  f("512KiB", 524_288);
  f("64", '"64" has no unit; write 64B for bytes');
  f("64M", '"64M" is not a size; write 512KiB, 64MiB or 1GiB');
});

test("a listen address is host and port", () => {
  const f = (text: unknown, want: unknown) => expect(read(listenAddress, text)).toEqual(want);
  f(":9100", { host: "", port: 9100 });
  f("127.0.0.1:9100", { host: "127.0.0.1", port: 9100 });
  f("[::1]:9100", { host: "::1", port: 9100 });
  f("localhost:0", { host: "localhost", port: 0 });
  f("9100", '"9100" is not a listen address; write host:port or :port');
  f("::1:9100", '"::1:9100" is not a listen address; write host:port or :port');
  f(":65536", '":65536" is not a listen address; write host:port or :port');
});

test("a URL is one of HTTP, and its password is in no message", () => {
  const f = (text: unknown, want: unknown) => expect(read(httpUrl, text)).toEqual(want);
  f("http://h:80/x", "http://h:80/x");
  f("ftp://u:canary@h/", "expected a URL that begins with http:// or https://");
  f("h:80", "expected a URL that begins with http:// or https://");
});

test("a secret is never printed, and a label has a name", () => {
  expect(String(read(secret, "canary"))).toBe("<secret>");
  expect(read(labelName, "")).toBe("a label name cannot be empty");
});
