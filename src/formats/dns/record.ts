/** The numbers of the types (RFC 1035, 2782 and 3596). */
export const dnsTypes = { A: 1, NS: 2, MX: 15, AAAA: 28, SRV: 33 } as const;

export type RecordType = keyof typeof dnsTypes;

/** What targets are made of. Names end in a dot. */
export type DnsRecord =
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "NS" | "MX"; readonly target: string }
  | { readonly type: "SRV"; readonly target: string; readonly port: number };
