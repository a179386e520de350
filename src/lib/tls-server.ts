import type { SecureContextOptions, TLSSocket } from "node:tls";

/** How a server speaks TLS. */
export interface TlsServerSettings {
  /** Certificate, key, authorities, versions and ciphers: all that can change while the server listens. */
  readonly secure: SecureContextOptions;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** Has the last word on a client, once its certificate (if any) is known. */
  acceptsPeer(socket: TLSSocket): boolean;
}
