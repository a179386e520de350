import { describeStreams } from "../../formats/loki-push/describe.ts";
import type { PushRequest } from "./block-codec.ts";
import { shownUrl } from "./endpoint.ts";
import { batchesOf, tenantOf } from "./loki-codec.ts";
import type { Rejection } from "./push-client.ts";

/** What is written down of entries that a Loki has rejected, one record for each stream. */
export function rejectedEntries(
  time: number,
  endpoint: { readonly name: string; readonly url: URL },
  request: PushRequest,
  { status, reason }: Rejection,
): object[] {
  const where = { time: new Date(time).toISOString(), endpoint: endpoint.name, url: shownUrl(endpoint.url) };
  const tenant = tenantOf(request.headers);
  return describeStreams(batchesOf(request)).map((stream) => ({
    ...where,
    ...(tenant !== "" && { tenant }),
    status,
    reason,
    ...stream,
  }));
}
