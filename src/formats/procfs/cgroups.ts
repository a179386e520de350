import { lines, malformed, unsigned, words } from "./text.ts";

/** A controller of /proc/cgroups (cgroups(7)). */
export interface CgroupController {
  readonly name: string;
  readonly cgroups: number;
  readonly enabled: number;
}

export function parseCgroups(text: string): CgroupController[] {
  const controllers: CgroupController[] = [];
  for (const line of lines(text)) {
    if (line.startsWith("#")) continue;
    const [name = "", , cgroups, enabled, more] = words(line);
    if (more !== undefined) throw malformed("cgroups", line);
    controllers.push({
      name,
      cgroups: unsigned(cgroups, "cgroups", line),
      enabled: unsigned(enabled, "cgroups", line),
    });
  }
  return controllers;
}
