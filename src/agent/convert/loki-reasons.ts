import type { Reasons } from "./draft.ts";

/** Fields of promtail's and Alloy's components of logs that Sonde's do not have. */
export const lokiReasons: Reasons = {
  pipeline_name: ["note", "it changes nothing that is sent"],
  eventlogmessage: ["error", "events of Windows are not taken apart"],
  windowsevent: ["error", "events of Windows are not taken apart"],
  graceful_shutdown_timeout: ["note", "storage.shutdown_timeout is the time that the whole agent has"],
  rfc3164_default_to_current_year: ["note", "a time without a year is in the year that brings it closest to now"],
  max_backoff_retries: ["note", "what is not delivered waits in the queue, within its bounds"],
};
