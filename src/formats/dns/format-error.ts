/** A DNS message, or a name, that is none. */
export class DnsFormatError extends Error {}
