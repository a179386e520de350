/** A line of a container's log file, as containerd and CRI-O write it. */
export interface CriLine {
  /** As it was written, RFC 3339 with nanoseconds; not checked. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** P: the line goes on in the next entry of the stream. */
  readonly flags: "F" | "P";
  /** Exactly as the container wrote it, indentation too. */
  readonly content: string;
}

/** `<time> <stream> <flags> <content>`: several spaces between the fields are one, absent flags are F, and further tags are dropped. */
const criLine = /^(\S+)\s+(stdout|stderr)(?: +([FP])(?::\S*)?(?: (.*)|$)| +(.*)|$)/s;

/** Undefined if the line is none of CRI's. */
export function parseCri(line: string): CriLine | undefined {
  const [match, time = "", stream, flags, content, withoutFlags = ""] = criLine.exec(line) ?? [];
  if (match === undefined) return undefined;
  return {
    time,
    stream: stream === "stdout" ? "stdout" : "stderr",
    flags: flags === "P" ? "P" : "F",
    content: flags === undefined ? withoutFlags : (content ?? ""),
  };
}
