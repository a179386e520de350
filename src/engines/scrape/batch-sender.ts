import type { Logger } from "../../lib/logger.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";

/** Hands batches on. The next tick does not wait for an acknowledgement; what is not taken is told of once. */
export function batchSender(
  output: Receiver<"metrics">,
  log: Logger,
  onRejected: () => void,
): (batch: MetricBatch) => void {
  let isRejecting = false;
  return (batch) => {
    output.receive(batch).then(
      () => {
        if (isRejecting) log.info("samples are taken again");
        isRejecting = false;
      },
      (error: unknown) => {
        onRejected();
        if (!isRejecting) log.error("samples are not taken and lost", { error });
        isRejecting = true;
      },
    );
  };
}
