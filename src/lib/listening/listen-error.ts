import { describeError } from "../errors.ts";
import { formatAddress, type ListenAddress } from "../listen-address.ts";

/** One line for the user: where it cannot listen, why, and what to do. */
export class ListenError extends Error {}

/** The setting that chooses the address, and what usually is there when it is taken. */
export interface ListenRemedy {
  readonly setting: string;
  readonly suspect: string;
}

/** What an error of opening a port means. */
export function listenError(
  error: NodeJS.ErrnoException,
  address: ListenAddress,
  { setting, suspect }: ListenRemedy,
): ListenError {
  const causes: Readonly<Record<string, string>> = {
    EADDRINUSE: `the address is in use (is ${suspect} running? set ${setting})`,
    EACCES: `permission denied (a port below 1024 needs CAP_NET_BIND_SERVICE; set ${setting})`,
    EADDRNOTAVAIL: `this machine has no such address (set ${setting})`,
    ENOTFOUND: `the name is unknown (set ${setting})`,
  };
  const cause = causes[error.code ?? ""] ?? describeError(error);
  return new ListenError(`cannot listen on ${formatAddress(address)}: ${cause}`);
}
