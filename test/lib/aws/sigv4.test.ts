import { expect, test } from "vitest";
import { type RequestToSign, signRequest } from "../../../src/lib/aws/sigv4.ts";
import { Secret } from "../../../src/lib/secret.ts";

/** Keys, time, region and service of AWS' published test suite of signature version 4. */
const suite = {
  credentials: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
  },
  region: "us-east-1",
  service: "service",
  time: Date.UTC(2015, 7, 30, 12, 36, 0),
};

const form = { "Content-Type": "application/x-www-form-urlencoded" };

/** Name in the suite, what it asks for, and the signature that it expects. */
const vectors: [name: string, request: Partial<RequestToSign> & { path?: string }, signature: string][] = [
  ["get-vanilla", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  [
    "get-vanilla-query-order-key-case",
    { path: "/?Param2=value2&Param1=value1" },
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "get-header-value-trim",
    { headers: { "My-Header1": " value1", "My-Header2": ' "a   b   c"' } },
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  ],
  [
    "get-unreserved",
    { path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" },
    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  ],
  ["get-slash", { path: "//" }, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["get-slash-dot-slash", { path: "/./" }, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["post-vanilla", { method: "POST" }, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  [
    "post-x-www-form-urlencoded",
    { method: "POST", headers: form, body: Buffer.from("Param1=value1") },
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
];

test.each(vectors)("the signature of the published vector %s is the published one", (_, request, signature) => {
  const { path = "/", ...rest } = request;
  const signed = signRequest({
    method: "GET",
    url: new URL(`https://example.amazonaws.com${path}`),
    ...suite,
    ...rest,
  });
  expect(signed.authorization).toContain(`Signature=${signature}`);
  expect(signed["x-amz-date"]).toBe("20150830T123600Z");
});

test("the request of the IAM guide is signed as the guide shows", () => {
  const signed = signRequest({
    ...suite,
    method: "GET",
    url: new URL("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    service: "iam",
  });
  expect(signed).toEqual({
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
      "SignedHeaders=content-type;host;x-amz-date, " +
      "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  });
});

test("a session token is sent and signed", () => {
  const credentials = {
    ...suite.credentials,
    sessionToken: new Secret(
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
    ),
  };
  const signed = signRequest({ method: "POST", url: new URL("https://example.amazonaws.com/"), ...suite, credentials });
  expect(signed.authorization).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token");
  expect(signed.authorization).toContain("85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
  expect(signed["x-amz-security-token"]).toBe(credentials.sessionToken.reveal());
});

test("a path is encoded once more than it is sent, and the port is part of the host", () => {
  const sign = (url: string) => signRequest({ method: "GET", url: new URL(url), ...suite }).authorization;
  expect(sign("https://h/a%20b")).toBe(sign("https://h/a b"));
  expect(sign("https://h/a%2520b")).not.toBe(sign("https://h/a%20b"));
  expect(sign("https://h:9090/")).not.toBe(sign("https://h/"));
  expect(sign("https://h/?a=%2B'(*)!")).toBe(sign("https://h/?a=%2b%27(%2A)!"));
});
