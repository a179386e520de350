import type { Reasons } from "../draft.ts";
import { lokiReasons } from "../loki-reasons.ts";
import { fieldReasons } from "../prometheus/reasons.ts";

/** Fields of Alloy's components that Sonde's do not have. */
export const alloyReasons: Reasons = {
  ...fieldReasons,
  ...lokiReasons,
  "endpoints.queue_config": ["note", "the queue is on disk; its bounds are in the component's queue_config"],
  enable_protobuf_negotiation: ["error", "say scrape_protocols: [PrometheusProto, …]"],
  honor_metadata: ["note", "metadata are sent as the target has them"],
  append_metadata: ["note", "metadata are passed on always"],
  start_timestamp_zero_ingestion: ["error", "start timestamps make no samples"],
  enable_type_and_unit_labels: ["error", "types and units make no labels"],
};
