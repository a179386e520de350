import { expect, test } from "vitest";
import { candidateNames, parseResolvConf } from "../../../../src/engines/discovery/dns/resolv-conf.ts";

test("the settings of the system are read", () => {
  const text = `# comment
nameserver 192.0.2.1
 nameserver\t2001:db8::1
nameserver fe80::1%eth0
domain old.example
search a.example b.example.
options rotate ndots:2
; end
`;
  expect(parseResolvConf(text)).toEqual({
    servers: ["192.0.2.1:53", "[2001:db8::1]:53", "[fe80::1%eth0]:53"],
    search: ["a.example", "b.example."],
    ndots: 2,
  });
  expect(parseResolvConf("")).toEqual({ servers: [], search: [], ndots: 1 });
});

test("a short name is looked up in the domains of the list, before or after the name itself", () => {
  function f(name: string, ndots: number, want: string[]) {
    expect(candidateNames(name, { servers: [], search: ["x.test", "y.test."], ndots })).toEqual(want);
  }
  f("a.", 1, ["a."]);
  f("a", 1, ["a.x.test.", "a.y.test.", "a."]);
  f("a.b", 1, ["a.b.", "a.b.x.test.", "a.b.y.test."]);
  f("a.b", 2, ["a.b.x.test.", "a.b.y.test.", "a.b."]);
  expect(candidateNames("a", { servers: [], search: ["."], ndots: 1 })).toEqual(["a.", "a."]);
});
