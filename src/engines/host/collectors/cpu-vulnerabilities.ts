import { parseVulnerability } from "../../../formats/procfs/vulnerability.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const info = gauge(
  "node_cpu_vulnerabilities_info",
  "Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded state of the " +
    "vulnerability. The same state is stored as a string in the label",
);

const folder = "devices/system/cpu/vulnerabilities";

export const cpuVulnerabilities: CollectorSpec = {
  name: "cpu_vulnerabilities",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const codename of files.sysNames(folder)) {
        const text = files.sysOnce(`${folder}/${codename}`).trim();
        const { mitigation, state } = parseVulnerability(text);
        emit(info, ["codename", codename, "mitigation", mitigation, "state", state], 1);
      }
    };
  },
};
