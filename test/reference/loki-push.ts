import protobuf from "protobufjs";
import { type Labels, labelsFrom } from "../../src/signals/labels.ts";

/** Loki's push request as pkg/logproto describes it, read and written by protobufjs. */
const root = protobuf.parse(`
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; string format = 2; }
  message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
  message Entry {
    Timestamp timestamp = 1; string line = 2; repeated LabelPair structuredMetadata = 3; repeated LabelPair parsed = 4;
  }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message LabelPair { string name = 1; string value = 2; }`).root;

const pushRequest = root.lookupType("PushRequest");

export interface SentStream {
  /** As it is sent: `{app="api"}`. */
  readonly labels: string;
  readonly entries: readonly SentEntry[];
}

export interface SentEntry {
  readonly timestamp: bigint;
  readonly line: string;
  readonly metadata: Labels;
}

/** Throws where the bytes are no push request. */
export function readPushRequest(bytes: Uint8Array): SentStream[] {
  const { streams = [] } = pushRequest.toObject(pushRequest.decode(bytes), { longs: String }) as { streams?: Stream[] };
  return streams.map(({ labels = "", entries = [] }) => ({
    labels,
    entries: entries.map(({ timestamp: { seconds = "0", nanos = 0 } = {}, line = "", structuredMetadata = [] }) => ({
      timestamp: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
      line,
      metadata: labelsFrom(Object.fromEntries(structuredMetadata.map(({ name = "", value = "" }) => [name, value]))),
    })),
  }));
}

/** The seconds of a timestamp may be given with any nanoseconds. */
export function writePushRequest(streams: readonly Stream[]): Buffer {
  return Buffer.from(pushRequest.encode(pushRequest.fromObject({ streams, format: "passed over" })).finish());
}

interface Stream {
  readonly labels?: string;
  readonly hash?: number;
  readonly entries?: readonly {
    readonly timestamp?: { readonly seconds?: string; readonly nanos?: number };
    readonly line?: string;
    readonly structuredMetadata?: readonly { readonly name?: string; readonly value?: string }[];
    readonly parsed?: readonly { readonly name?: string; readonly value?: string }[];
  }[];
}
