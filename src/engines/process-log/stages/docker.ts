import { parseDocker } from "../../../formats/log-line/docker.ts";
import { compileGoTime } from "../../../formats/log-line/go-time.ts";
import { withLabel } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";

/** A line that is none of Docker's stays as it is. */
export const docker: StageKind<object> = {
  name: "docker",
  create() {
    const parseTime = compileGoTime("RFC3339Nano");
    return changing((entry) => {
      const parsed = parseDocker(entry.line);
      if (parsed === undefined) return;
      const { log, stream, time } = parsed;
      Object.assign(entry.extracted, { output: log, stream, timestamp: time });
      entry.line = log;
      entry.labels = withLabel(entry.labels, "stream", stream);
      entry.timestamp = parseTime(time) ?? entry.timestamp;
    });
  },
};
