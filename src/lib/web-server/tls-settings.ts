import type { TLSSocket } from "node:tls";
import { describeError } from "../errors.ts";
import type { TlsServerSettings } from "../tls-server.ts";
import type { ClientAuth, TlsServerConfig } from "./web-config.ts";

/** TLS 1.3 has these three and lets nobody choose, as Go has it; OpenSSL must be told them or it leaves 1.3 out. */
const tls13Ciphers = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/** What Node needs to serve by this config. Throws an Error that says what is wrong with the certificates. */
export async function tlsSettings(
  { clientAuth, minVersion, maxVersion, ciphers, curves }: TlsServerConfig,
  [cert, key, clientCa]: readonly (string | undefined)[],
): Promise<TlsServerSettings> {
  const secure = {
    cert,
    key,
    ca: clientCa,
    minVersion,
    maxVersion,
    honorCipherOrder: true,
    ciphers: ciphers && [...new Set([...tls13Ciphers, ...ciphers])].join(":"),
    ecdhCurve: curves?.join(":") ?? "auto",
  };
  // Loaded late: an agent that serves plain HTTP only does without OpenSSL's memory.
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext(secure);
  } catch (error) {
    throw new Error(`tls_server_config: ${describeError(error)}`);
  }
  return {
    secure,
    requestCert: clientAuth !== "NoClientCert",
    rejectUnauthorized: clientAuth === "RequireAndVerifyClientCert",
    acceptsPeer: (socket) => acceptsPeer(clientAuth, socket),
  };
}

/** The two kinds that Node has no word for: any certificate at all, and one that is checked only where there is one. */
function acceptsPeer(clientAuth: ClientAuth, socket: TLSSocket): boolean {
  const hasCert = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  if (clientAuth === "RequireAnyClientCert") return hasCert;
  if (clientAuth === "VerifyClientCertIfGiven") return !hasCert || socket.authorized;
  return true;
}
