import { NoData } from "./collector.ts";
import { errorCode } from "./error-code.ts";

/** What is read, or undefined if there is no such file. */
export function ifThere<T>(read: () => T, codes: readonly string[] = ["ENOENT"]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codes.includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** What is read. No such file means that this host has nothing of the kind: `what` says what it lacks. */
export function orNoData<T>(what: string, read: () => T, codes: readonly string[] = ["ENOENT"]): T {
  const value = ifThere(read, codes);
  if (value === undefined) throw new NoData(`this host has no ${what}`);
  return value;
}
