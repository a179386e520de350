import { constants } from "node:os";

const { errno } = constants;

/** What a failed statfs(2) may say, in Go's words: they stand in a label of node_exporter. */
const texts = new Map<number, string>([
  [errno.EPERM, "operation not permitted"],
  [errno.ENOENT, "no such file or directory"],
  [errno.EINTR, "interrupted system call"],
  [errno.EIO, "input/output error"],
  [errno.ENXIO, "no such device or address"],
  [errno.EAGAIN, "resource temporarily unavailable"],
  [errno.ENOMEM, "cannot allocate memory"],
  [errno.EACCES, "permission denied"],
  [errno.EBUSY, "device or resource busy"],
  [errno.ENODEV, "no such device"],
  [errno.ENOTDIR, "not a directory"],
  [errno.EINVAL, "invalid argument"],
  [errno.ENAMETOOLONG, "file name too long"],
  [errno.ENOSYS, "function not implemented"],
  [errno.ELOOP, "too many levels of symbolic links"],
  [errno.ENODATA, "no data available"],
  [errno.EOVERFLOW, "value too large for defined data type"],
  [errno.EOPNOTSUPP, "operation not supported"],
  [errno.ENETDOWN, "network is down"],
  [errno.ENETUNREACH, "network is unreachable"],
  [errno.ECONNABORTED, "software caused connection abort"],
  [errno.ECONNRESET, "connection reset by peer"],
  [errno.ENOTCONN, "transport endpoint is not connected"],
  [errno.ETIMEDOUT, "connection timed out"],
  [errno.ECONNREFUSED, "connection refused"],
  [errno.EHOSTUNREACH, "no route to host"],
  [errno.ESTALE, "stale NFS file handle"],
  // Node has no names for these.
  [108, "cannot send after transport endpoint shutdown"],
  [112, "host is down"],
  [117, "structure needs cleaning"],
  [121, "remote I/O error"],
  [123, "no medium found"],
  [126, "required key not available"],
  [127, "key has expired"],
]);

/** The number of what strerror(3) says in the C locale: Go's words begin in lower case, and name NFS where it is stale. */
export function errnoOf(message: string): number | undefined {
  const said = message.charAt(0).toLowerCase() + message.slice(1);
  if (said === "stale file handle") return errno.ESTALE;
  return [...texts].find(([, text]) => text === said)?.[0];
}

export function errnoText(error: unknown): string {
  const number = Math.abs((error as NodeJS.ErrnoException).errno ?? 0);
  // Go's words for a number that it does not know.
  return texts.get(number) ?? `errno ${number}`;
}
