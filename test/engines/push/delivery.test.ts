import { expect, test } from "vitest";
import type { BlockCodec, PushRequest } from "../../../src/engines/push/block-codec.ts";
import { Delivery } from "../../../src/engines/push/delivery.ts";
import type { Outcome } from "../../../src/engines/push/push-client.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const never = new AbortController().signal;

/** A block is a text of letters, one for each record. */
const letters: BlockCodec = {
  request: ({ payload, records, maxTimestamp }) => ({ payload, records, maxTimestamp, headers: {} }),
  halves(request) {
    const { payload } = request;
    if (payload.length < 2) return undefined;
    const part = (from: number, to?: number) => {
      const bytes = payload.subarray(from, to);
      return { ...request, payload: bytes, records: bytes.length };
    };
    return [part(0, payload.length >> 1), part(payload.length >> 1)];
  },
  fallBack: () => false,
  judge: (outcome) => outcome,
};

function textOf({ payload }: { readonly payload: Uint8Array }): string {
  return Buffer.from(payload).toString();
}

/** Delivers to an endpoint that calls everything with one of these letters invalid, unless `answers` says otherwise. */
function delivering({ bad = "", answers = [] as Outcome[], codec = letters, onClientError = "park" as const } = {}) {
  const requests: string[] = [];
  const rejected: string[] = [];
  const delivery = new Delivery({
    codec,
    push(request) {
      const text = textOf(request);
      requests.push(text);
      const isBad = [...bad].some((letter) => text.includes(letter));
      const usual: Outcome = isBad ? { kind: "reject", status: 400, reason: "HTTP 400" } : { kind: "delivered" };
      return Promise.resolve(answers.shift() ?? usual);
    },
    onAttempt: () => {},
    onRejected: (request: PushRequest) => rejected.push(textOf(request)),
    onClientError,
    clock: new FakeClock(),
  });
  let sequence = 1;
  const block = (text: string) => ({
    sequence: sequence++,
    payload: Buffer.from(text),
    records: text.length,
    maxTimestamp: 0,
  });
  return { delivery, block, requests, rejected };
}

/** An endpoint that has taken something already. */
async function trusted(options: Parameters<typeof delivering>[0]) {
  const d = delivering(options);
  await d.delivery.attempt(d.block("-"), 0, never);
  d.requests.length = 0;
  return d;
}

test("a block that is called invalid is cut down to what is bad, and all else arrives in its order", async () => {
  const { delivery, block, requests, rejected } = await trusted({ bad: "x" });
  expect(await delivery.attempt(block("abcdexgh"), 0, never)).toEqual({ kind: "delivered" });
  expect(requests).toEqual(["abcdexgh", "abcd", "exgh", "ex", "e", "x", "gh"]);
  expect(rejected).toEqual(["x"]);
});

test("several bad records are found, each by itself", async () => {
  const { delivery, block, rejected } = await trusted({ bad: "xyz" });
  await delivery.attempt(block("xabycdez"), 0, never);
  expect(rejected).toEqual(["x", "y", "z"]);
});

test("an attempt that must be repeated goes on with the piece it stopped at", async () => {
  const retry: Outcome = { kind: "retry", reason: "HTTP 503" };
  const bad: Outcome = { kind: "reject", status: 422, reason: "HTTP 422" };
  const { delivery, block, requests } = await trusted({
    answers: [{ kind: "delivered" }, bad, { kind: "delivered" }, retry],
  });
  const one = block("abcd");
  expect(await delivery.attempt(one, 0, never)).toEqual(retry);
  expect(await delivery.attempt(one, 1, never)).toEqual({ kind: "delivered" });
  expect(requests).toEqual(["abcd", "ab", "cd", "cd"]);
});

test("a block in which nothing is welcome is given up before every record was tried", async () => {
  const { delivery, block, requests, rejected } = await trusted({ bad: "x" });
  await delivery.attempt(block("x".repeat(2048)), 0, never);
  expect(rejected.join("").length).toBe(2048);
  expect(requests.length).toBeLessThan(60);
});

test("an endpoint that has taken nothing yet is asked once more, later, before a block is cut", async () => {
  const { delivery, block, requests, rejected } = delivering({ bad: "x" });
  const one = block("ax");
  expect(await delivery.attempt(one, 0, never)).toMatchObject({ kind: "park", status: 400 });
  expect([requests, rejected]).toEqual([["ax"], []]);
  expect(await delivery.attempt(one, 1, never)).toEqual({ kind: "delivered" });
  expect([requests, rejected]).toEqual([["ax", "ax", "a", "x"], ["x"]]);
});

test("an endpoint whose words show that it has read the block is asked no second time", async () => {
  const { delivery, block, requests, rejected } = delivering({
    answers: [{ kind: "reject", status: 400, reason: "HTTP 400: x is too old", hasRead: true }],
    bad: "x",
  });
  expect(await delivery.attempt(block("ax"), 0, never)).toEqual({ kind: "delivered" });
  expect([requests, rejected]).toEqual([["ax", "a", "x"], ["x"]]);
});

test("what speaks about the whole block and not about its content is not cut", async () => {
  const { delivery, block, requests, rejected } = await trusted({
    answers: [{ kind: "delivered" }, { kind: "reject", status: 431, reason: "HTTP 431" }],
  });
  expect(await delivery.attempt(block("ab"), 0, never)).toEqual({ kind: "delivered" });
  expect([requests, rejected]).toEqual([["ab"], ["ab"]]);
});

test("an endpoint that knows another protocol only gets the block in that, and all that follow", async () => {
  let isOld = false;
  const codec: BlockCodec = {
    ...letters,
    request: (block) => ({
      ...letters.request(block),
      payload: Buffer.from((isOld ? "old " : "new ") + textOf(block)),
    }),
    fallBack: () => {
      const falls = !isOld;
      isOld = true;
      return falls;
    },
  };
  const { delivery, block, requests } = delivering({
    codec,
    answers: [{ kind: "reject", status: 415, reason: "HTTP 415" }],
  });
  await delivery.attempt(block("a"), 0, never);
  await delivery.attempt(block("b"), 0, never);
  expect(requests).toEqual(["new a", "old a", "old b"]);
});
