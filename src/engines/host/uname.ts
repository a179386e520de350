import { readFileSync } from "node:fs";
import { hostname, machine, release, type, version } from "node:os";
import type { Uname } from "./collector.ts";

/** uname(2). Like upstream it tells of the namespace the agent runs in, whatever the paths are set to. */
export function uname(): Uname {
  return {
    sysname: type(),
    release: release(),
    version: version(),
    machine: machine(),
    nodename: hostname(),
    domainname: domainname(),
  };
}

/** The one field that Node does not give out. */
function domainname(): string {
  try {
    return readFileSync("/proc/sys/kernel/domainname", "utf8").trimEnd();
  } catch {
    return "(none)";
  }
}
