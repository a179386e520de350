/** Behind standard input, output and error. */
const firstDescriptor = 3;

/** The descriptors of the sockets that systemd has opened for this process, and for no other (sd_listen_fds(3)). */
export function systemdSockets(env: Readonly<Record<string, string | undefined>>, pid: number): number[] {
  const count = Number(env.LISTEN_FDS ?? 0);
  if (env.LISTEN_PID !== String(pid) || !Number.isInteger(count) || count < 1) return [];
  return Array.from({ length: count }, (_, at) => firstDescriptor + at);
}
