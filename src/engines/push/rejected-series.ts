import { describeBlock } from "../../formats/remote-write/describe.ts";
import type { PushRequest } from "./block-codec.ts";
import { shownUrl } from "./endpoint.ts";
import type { Rejection } from "./push-client.ts";
import { messageOfHeaders } from "./remote-write-codec.ts";

/** What is written down of series that a receiver has rejected, one entry for each. */
export function rejectedSeries(
  time: number,
  endpoint: { readonly name: string; readonly url: URL },
  { payload, headers }: PushRequest,
  { status, reason }: Rejection,
): object[] {
  const where = { time: new Date(time).toISOString(), endpoint: endpoint.name, url: shownUrl(endpoint.url) };
  return describeBlock(payload, messageOfHeaders(headers)).map((series) => ({ ...where, status, reason, ...series }));
}
