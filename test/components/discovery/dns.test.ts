import { expect, test } from "vitest";
import { discoveryDns } from "../../../src/components/discovery/dns.ts";

test("record types are taken in any case, and all but SRV need a port", () => {
  function f(config: object, want: object | string) {
    const { data, error } = discoveryDns.config.safeParse({ names: ["x"], ...config });
    if (typeof want === "string") expect(error?.issues.map(({ message }) => message)).toEqual([want]);
    else expect(data).toMatchObject(want);
  }
  f({}, { type: "SRV", refresh_interval: 30_000, timeout: 2_000, empty_grace: 2 });
  f({ type: "aaaa", port: 9100 }, { type: "AAAA", port: 9100 });
  f({ type: "A" }, "records of the type A need a port");
  f({ type: "TXT" }, 'Invalid option: expected one of "A"|"NS"|"MX"|"AAAA"|"SRV"');
});

test("name servers are addresses, with port 53 if there is none", () => {
  const servers = ["192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]", "[2001:db8::1]:5353"];
  expect(discoveryDns.config.parse({ names: ["x"], servers })).toMatchObject({
    servers: ["192.0.2.1:53", "192.0.2.1:5353", "[2001:db8::1]:53", "[2001:db8::1]:5353"],
  });
  expect(discoveryDns.config.safeParse({ names: ["x"], servers: ["ns.example.com"] }).success).toBe(false);
});
