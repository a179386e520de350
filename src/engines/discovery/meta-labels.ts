/** Part of a label name made from a user's key, as Prometheus' SanitizeLabelName: one `_` for each foreign character. */
export function sanitizeLabelName(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/gu, "_");
}

/** `host:port`; an IPv6 address in brackets. */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
