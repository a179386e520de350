import { type Labels, labelsFrom } from "../../signals/labels.ts";

/** A path that names no group. The message is for the client. */
export class GroupingKeyError extends Error {}

const suffix = "@base64";
const prefix = /^\/metrics\/job(@base64)?\//;

/** Whether this is a path of the push API, well formed or not. */
export function isPushPath(path: string): boolean {
  return prefix.test(path);
}

/**
 * The labels that a path of the Pushgateway's API names: `/metrics/job/<job>{/<label>/<value>}`. As there, the path is
 * decoded before it is split, so a value with a slash must come as base64 (RFC 4648 section 5, padding optional).
 */
export function groupingKey(path: string): Labels {
  const [, job = "", ...rest] = decodePath(path).slice("/metrics/".length).split("/");
  // One slash at the end is none.
  const parts = rest.at(-1) === "" ? rest.slice(0, -1) : rest;
  if (parts.length % 2 !== 0)
    throw new GroupingKeyError(`odd number of components in label string "/${rest.join("/")}"`);
  const labels: Record<string, string> = Object.create(null);
  for (let at = 0; at < parts.length; at += 2) addLabel(labels, parts[at] ?? "", parts[at + 1] ?? "");
  labels.job = textOf("job", job, path.startsWith(`/metrics/job${suffix}/`));
  if (labels.job === "") throw new GroupingKeyError("job name is required");
  return labelsFrom(labels);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new GroupingKeyError("the path is not valid percent-encoding");
  }
}

function addLabel(labels: Record<string, string>, written: string, value: string): void {
  const isEncoded = written.endsWith(suffix);
  const name = isEncoded ? written.slice(0, -suffix.length) : written;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith("__")) {
    throw new GroupingKeyError(`improper label name "${name}"`);
  }
  if (value === "") throw new GroupingKeyError(`the value of "${name}" is empty; write ${name}${suffix}/= for that`);
  labels[name] = textOf(name, value, isEncoded);
}

function textOf(name: string, text: string, isEncoded: boolean): string {
  if (!isEncoded) return text;
  const digits = text.replace(/=+$/, "");
  const bytes = Buffer.from(digits, "base64url");
  // Node passes over what is no base64.
  if (!/^[A-Za-z0-9_-]*$/.test(digits) || digits.length % 4 === 1) {
    throw new GroupingKeyError(`invalid base64 encoding for label ${name}="${text}"`);
  }
  return bytes.toString("utf8");
}
