import { type CollectorSpec, gauge } from "../collector.ts";

const info = gauge("node_uname_info", "Labeled system information as provided by the uname system call.");

export const uname: CollectorSpec = {
  name: "uname",
  enabledByDefault: true,

  create(host) {
    return (emit) => {
      const { domainname, machine, nodename, release, sysname, version } = host.uname();
      const labels = { domainname, machine, nodename, release, sysname, version };
      emit(info, Object.entries(labels).flat(), 1);
    };
  },
};
