/** What a scrape asks for. */
export const acceptText =
  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4";

const mediaType = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(;.*)?$/is;
const parameter =
  /^;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*)/i;

/**
 * Why a body of this Content-Type cannot be read as text, or undefined when it can. Only the media type decides, yet
 * the whole header must be well formed (RFC 2045 by way of Go's mime.ParseMediaType), as in Prometheus 3.
 */
export function refuseContentType(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === "") return "the answer has no Content-Type; expected text/plain";
  const [, type = "", parameters = ""] = mediaType.exec(header) ?? [];
  if (type === "" || !areParameters(parameters)) return `the answer's Content-Type "${header}" cannot be read`;
  switch (type.toLowerCase()) {
    case "text/plain":
      return undefined;
    case "application/openmetrics-text":
    case "application/vnd.google.protobuf":
      return `the answer's format ${type.toLowerCase()} is not supported yet; expected text/plain`;
    default:
      return `the answer's Content-Type is "${header}"; expected text/plain`;
  }
}

/** A last lone semicolon is fine; a parameter may come twice only with the same value. */
function areParameters(text: string): boolean {
  const seen = new Map<string, string>();
  let rest = text;
  while (rest !== "" && !/^;[ \t]*$/.test(rest)) {
    const [whole, name = "", value = ""] = parameter.exec(rest) ?? [];
    if (whole === undefined || (seen.get(name.toLowerCase()) ?? value) !== value) return false;
    seen.set(name.toLowerCase(), value);
    rest = rest.slice(whole.length);
  }
  return true;
}
