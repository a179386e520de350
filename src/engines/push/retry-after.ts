/** However long a receiver asks for: it may have a wrong clock, and somebody waits for the data. */
const longestMs = 600_000;

/**
 * Milliseconds that a `Retry-After` header asks for: whole seconds or an HTTP date (RFC 9110, section 10.2.3).
 * Undefined for anything else.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^[0-9]+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, longestMs) : undefined;
}

/** `Date.parse` takes almost anything, `-5` among it. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2,8}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
