import { join } from "node:path";
import type { HostOptions } from "../../../src/engines/host/options.ts";
import { fixtureFiles, plainOptions } from "./fixture-host.ts";

/** A machine of our own invention with what few machines have: InfiniBand, Fibre Channel, tapes, bcache, DRBD, … */
export const hardware = join(import.meta.dirname, "../../fixtures/host-tier3");

/** Its collectors that node_exporter 1.11 has, and those that came with 1.12. */
export const hardwareCollectors =
  "bcache bcachefs drbd drm fibrechannel infiniband lnstat pcidevice runit tapestats xfrm".split(" ");
export const newerCollectors = ["dmmultipath", "nvmesubsystem"];

export const hardwareOptions: HostOptions = {
  ...plainOptions,
  bcache: { priorityStats: true },
  pcidevice: { names: true, idsFile: join(hardware, "pci.ids") },
  runit: { serviceDir: join(hardware, "service") },
};

export const hardwareFiles = (sysfs = join(hardware, "sys"), procfs = join(hardware, "proc")) =>
  fixtureFiles({ procfs, sysfs });
