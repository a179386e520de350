import { expect, test } from "vitest";
import { readLogBlock, readRequest, writeLogBlock } from "../../../src/formats/loki-push/log-block.ts";
import { encodePushRequest } from "../../../src/formats/loki-push/push-request.ts";
import { SnappyEncoder } from "../../../src/lib/snappy.ts";
import { logRows } from "../../support/log-rows.ts";

test.for(["", "team-a", "x".repeat(1000)])(
  "the tenant %s stands in front of the request, and apart from it",
  (tenant) => {
    const batches = [logRows({ app: "a" }, "one")];
    const allocate = (length: number) => new Uint8Array(length);
    const block = readLogBlock(writeLogBlock(tenant, encodePushRequest(batches), new SnappyEncoder(), allocate));
    expect([block.tenant, readRequest(block.request)]).toEqual([tenant, batches]);
  },
);
