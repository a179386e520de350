/** A line of a container's log file, as Docker's json-file driver writes it. Absent fields are "". */
export interface DockerLine {
  /** With the line feed that ends it, if the container wrote one. */
  readonly log: string;
  readonly stream: string;
  /** RFC 3339 with nanoseconds; not checked. */
  readonly time: string;
}

/** Undefined if the line is no JSON object or one of the fields is no string. */
export function parseDocker(line: string): DockerLine | undefined {
  const document = parseObject(line);
  if (document === undefined) return undefined;
  const { log = "", stream = "", time = "" } = document;
  if (typeof log !== "string" || typeof stream !== "string" || typeof time !== "string") return undefined;
  return { log, stream, time };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
