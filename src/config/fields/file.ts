import { resolve } from "node:path";
import { z } from "zod";

/** The name of a file; a relative one starts at the folder of the config file. */
export const file = z.string().min(1, "a file name cannot be empty");

export type PathAt = (path: string | undefined) => string | undefined;

export function pathsBeside(configDir: string): PathAt {
  return (path) => (path === undefined ? undefined : resolve(configDir, path));
}
