import { signed, words } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Emit, gauge, untyped } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const info = gauge("node_sysctl_info", "sysctl info");

/** What a user asked for: `net.ipv4.tcp_rmem`, or with names for its values `net.ipv4.tcp_rmem:min,default,max`. */
interface Sysctl {
  readonly name: string;
  readonly keys: readonly string[];
}

export const sysctl: CollectorSpec = {
  name: "sysctl",
  enabledByDefault: false,

  create({ files }, options) {
    const numbers = options.sysctl.include.map(parseSysctl);
    const texts = options.sysctl.includeInfo.map(parseSysctl);
    return (emit) => {
      for (const one of numbers) emitNumbers(emit, files, one);
      for (const one of texts) emitInfo(emit, files, one);
    };
  },
};

function parseSysctl(text: string): Sysctl {
  const colon = text.indexOf(":");
  if (colon < 0) return { name: text, keys: [] };
  return { name: text.slice(0, colon), keys: text.slice(colon + 1).split(",") };
}

function emitNumbers(emit: Emit, files: HostFiles, { name, keys }: Sysctl): void {
  const values = readValues(files, { name, keys }).map((value) => signed(value, name, value));
  const metric = `node_sysctl_${name.replace(/[^a-zA-Z0-9_]/g, "_")}`;
  if (keys.length > 0) {
    for (const [at, key] of keys.entries()) {
      emit(untyped(`${metric}_${key}`, `sysctl ${name}, field ${at}`), noLabels, values[at]!);
    }
    return;
  }
  const family = untyped(metric, `sysctl ${name}`);
  for (const [at, value] of values.entries())
    emit(family, values.length === 1 ? noLabels : ["index", String(at)], value);
}

function emitInfo(emit: Emit, files: HostFiles, { name, keys }: Sysctl): void {
  if (keys.length > 0) throw new Error(`sysctl ${name} of include_info has keys: only numbers can have some`);
  for (const [at, value] of readValues(files, { name, keys }).entries()) {
    emit(info, ["index", String(at), "name", name, "value", value], 1);
  }
}

/** Dots stand for slashes, as with sysctl(8). */
function readValues(files: HostFiles, { name, keys }: Sysctl): string[] {
  const values = words(files.proc(`sys/${name.replaceAll(".", "/")}`));
  if (values.length === 0) throw new Error(`sysctl ${name} has no values`);
  if (keys.length > 0 && keys.length !== values.length) {
    throw new Error(`sysctl ${name} has ${values.length} values but ${keys.length} keys: give one for each, or none`);
  }
  return values;
}
