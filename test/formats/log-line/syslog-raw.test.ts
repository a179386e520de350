import { expect, test } from "vitest";
import { parseRawSyslog } from "../../../src/formats/log-line/syslog-raw.ts";

test("any line is taken, and a priority at its beginning is taken off", () => {
  expect(parseRawSyslog("CEF:0|Ubiquiti|UniFi")).toEqual({ structuredData: [], message: "CEF:0|Ubiquiti|UniFi" });
  expect(parseRawSyslog("<14>  CEF:0 ")).toEqual({
    facility: "user",
    severity: "informational",
    structuredData: [],
    message: "CEF:0",
  });
  expect(parseRawSyslog("<999>x")).toEqual({ structuredData: [], message: "<999>x" });
});
