import { expect, test } from "vitest";
import { encodeSntpRequest, parseSntpAnswer } from "../../../src/formats/procfs/sntp.ts";
import { sntpAnswer } from "../../support/ntp-server.ts";

const request = encodeSntpRequest(4, 1_767_225_600.25);

test("a question has version, mode and our time", () => {
  expect(request.toString("hex")).toBe(`23${"00".repeat(39)}ed00378040000000`);
});

test("an answer tells what it knows, in seconds and Unix times", () => {
  const answer = sntpAnswer(request, {
    ...{ leap: 1, stratum: 2, rootDelay: 0.5, rootDispersion: 0.25 },
    ...{ reference: 1_767_225_000, receive: 1_767_225_600.5, transmit: 1_767_225_600.75 },
  });
  expect(parseSntpAnswer(answer, request)).toEqual({
    ...{ leap: 1, stratum: 2, rootDelay: 0.5, rootDispersion: 0.25 },
    ...{ referenceTime: 1_767_225_000, receiveTime: 1_767_225_600.5, transmitTime: 1_767_225_600.75 },
  });
});

test("times after 2036 are told too", () => {
  const answer = sntpAnswer(request, { receive: 2_200_000_000, transmit: 2_200_000_000 });
  expect(parseSntpAnswer(answer, request)).toMatchObject({ receiveTime: 2_200_000_000, referenceTime: 0 });
});

test("what is no answer to the question is refused", () => {
  const f = (answer: Buffer, want: string) => expect(() => parseSntpAnswer(answer, request)).toThrow(want);

  f(Buffer.alloc(8), "what came is no answer of an NTP server");
  f(request, "what came is no answer of an NTP server");
  f(sntpAnswer(encodeSntpRequest(4, 1), { transmit: 1 }), "what came answers another question");
  f(sntpAnswer(request, {}), "the NTP server does not tell its time");
  f(sntpAnswer(request, { receive: 2_000_000_001, transmit: 2_000_000_000 }), "the NTP server's clock went backwards");
});
