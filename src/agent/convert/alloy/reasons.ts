import type { Reasons } from "../draft.ts";
import { fieldReasons } from "../prometheus/reasons.ts";

/** Fields of Alloy's components that Sonde's do not have. */
export const alloyReasons: Reasons = {
  ...fieldReasons,
  max_backoff_retries: ["note", "what is not delivered waits in the queue, within its bounds"],
  enable_protobuf_negotiation: ["error", "say scrape_protocols: [PrometheusProto, …]"],
  honor_metadata: ["note", "metadata are sent as the target has them"],
  append_metadata: ["note", "metadata are passed on always"],
  start_timestamp_zero_ingestion: ["error", "start timestamps make no samples"],
  enable_type_and_unit_labels: ["error", "types and units make no labels"],
};
