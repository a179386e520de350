import { malformed, unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const allocated = gauge("node_filefd_allocated", "File descriptor statistics: allocated.");
const maximum = gauge("node_filefd_maximum", "File descriptor statistics: maximum.");

export const filefd: CollectorSpec = {
  name: "filefd",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const line = files.proc("sys/fs/file-nr").trim();
      // The middle one, free handles, is always 0 since Linux 2.6.
      const [inUse, , most, more] = line.split("\t");
      if (more !== undefined) throw malformed("sys/fs/file-nr", line);
      emit(allocated, noLabels, unsigned(inUse, "sys/fs/file-nr", line));
      emit(maximum, noLabels, unsigned(most, "sys/fs/file-nr", line));
    };
  },
};
