import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { NoData } from "./collector.ts";
import { errorCode } from "./error-code.ts";
import type { HostFiles } from "./host-files.ts";

/** What collectors of special hardware share: folders that most hosts have not, attributes that must be there. */

/** The names in a folder of sysfs, sorted; no data where there is no such folder. */
export function classNames({ paths }: HostFiles, folder: string): string[] {
  return names(join(paths.sysfs, folder)) ?? absent(folder);
}

/** The names in a folder of procfs, sorted; none where there is no such folder. */
export function procNames({ paths }: HostFiles, folder: string): string[] {
  return names(join(paths.procfs, folder)) ?? [];
}

/** An attribute that every such device has. */
export function attribute(files: HostFiles, path: string): string {
  const text = files.sys(path);
  if (text === undefined) throw new Error(`cannot read ${join(files.paths.sysfs, path)}`);
  return text;
}

/** Such an attribute as a number: decimal, or hexadecimal with 0x. */
export function attributeNumber(files: HostFiles, path: string): number {
  const text = attribute(files, path);
  const value = integer(text);
  if (value === undefined) throw new Error(`cannot parse ${join(files.paths.sysfs, path)}: ${JSON.stringify(text)}`);
  return value;
}

/** A file of sysfs that may have more than the 128 bytes of an attribute; undefined if there is none. */
export function sysfsFile(files: HostFiles, path: string): string | undefined {
  return files.text(join(files.paths.sysfs, path));
}

export function sysfsLink({ paths }: HostFiles, path: string): string {
  return readlinkSync(join(paths.sysfs, path));
}

/** Undefined if it is none. */
export function integer(text: string): number | undefined {
  return /^(-?[0-9]+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : undefined;
}

function names(path: string): string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new Error(`cannot list ${path}`, { cause });
  }
}

function absent(folder: string): never {
  throw new NoData(`there is no ${folder}`);
}
