import { describeError } from "./errors.ts";
import { MalformedResponseError } from "./http1/response-parser.ts";

/** A request that got no answer, in one line for a log, a health reason or a page. Holds no secret. */
export class HttpError extends Error {}

/** Whether the connection ended before an answer came, as a kept one does that the server has closed meanwhile. */
export function isConnectionLoss(error: unknown): boolean {
  return lossCodes.has(codeOf(error));
}

/** Says in the user's words what an error of a request to `url` means. An abort keeps the reason it was given. */
export function readableError(error: unknown, url: URL, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason instanceof Error ? signal.reason : new HttpError(String(signal.reason));
  const code = codeOf(error);
  const socketPath = socketPathOf(error);
  if (socketPath !== undefined && code === "ENOENT") return new HttpError(`there is no socket ${socketPath}`);
  if (socketPath !== undefined && code === "EACCES") {
    return new HttpError(
      `the agent may not use the socket ${socketPath}; its user has to be in the group of the socket`,
    );
  }
  const { hostname } = url;
  const address = `${hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
  const message = byCode[code]?.(address, hostname);
  if (message !== undefined) return new HttpError(message);
  if (lossCodes.has(code)) return new HttpError(`connection closed by ${address}`);
  if (error instanceof MalformedResponseError) {
    return new HttpError(`${address} does not speak HTTP: ${error.message}`);
  }
  if (/^ERR_(SSL|TLS|OSSL)|^EPROTO/.test(code)) {
    return new HttpError(`TLS handshake with ${address} failed: ${tlsReason(error)}`);
  }
  const distrust = certificateErrors[code];
  if (distrust !== undefined) return new HttpError(`cannot trust the certificate of ${address}: ${distrust}`);
  return error instanceof HttpError ? error : new HttpError(describeError(error));
}

const lossCodes: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

const byCode: Readonly<Record<string, (address: string, hostname: string) => string>> = {
  ECONNREFUSED: (address) => `connection refused by ${address}`,
  ENOTFOUND: (_, hostname) => `cannot resolve ${hostname}: no such host`,
  EAI_AGAIN: (_, hostname) => `cannot resolve ${hostname}: the name server does not answer`,
  ETIMEDOUT: (address) => `${address} does not answer`,
  EHOSTUNREACH: (address) => `no route to ${address}`,
  ENETUNREACH: (address) => `no route to ${address}`,
  UND_ERR_DESTROYED: () => "the client is closed",
  UND_ERR_CLOSED: () => "the client is closed",
  ERR_TLS_CERT_ALTNAME_INVALID: (address, hostname) =>
    `cannot trust the certificate of ${address}: it is not for ${hostname} (tls_config.server_name names another host)`,
};

const certificateErrors: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed; set tls_config.ca_file",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is unknown; set tls_config.ca_file",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is unknown; set tls_config.ca_file",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is unknown; set tls_config.ca_file",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_REVOKED: "it is revoked",
};

/** Of an error or of the one that caused it; a host with several addresses fails with an AggregateError that has one. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : codeOf(error.cause);
}

/** Of an error of connecting to a Unix socket; that to a server has a port besides. */
function socketPathOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { address, port } = error as { address?: unknown; port?: unknown };
  return typeof address === "string" && port === undefined ? address : undefined;
}

/** OpenSSL's messages are lines of fields between colons; the words are in `reason`. */
function tlsReason(error: unknown): string {
  const { reason } = error as { reason?: unknown };
  return typeof reason === "string" ? reason : describeError(error);
}
