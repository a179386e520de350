import { userInfo } from "node:os";
import { TestProcess } from "./process.ts";
import { programCommand } from "./servers.ts";

/** How to start a dnsmasq on loopback that answers for the domain `test` only; `records` are options of it. */
export async function dnsmasqCommand(
  port: number,
  records: readonly string[],
  user: string = userInfo().username,
): Promise<[command: string, ...args: string[]]> {
  return [
    ...(await programCommand("dnsmasq")),
    "--keep-in-foreground",
    "--log-facility=-",
    "--conf-file=/dev/null",
    "--no-resolv",
    "--no-hosts",
    `--user=${user}`,
    "--group=",
    "--pid-file=",
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    `--port=${port}`,
    "--local=/test/",
    ...records,
  ];
}

export async function startDnsmasq(port: number, records: readonly string[]): Promise<TestProcess> {
  const [command, ...args] = await dnsmasqCommand(port, records);
  const child = new TestProcess(command, args);
  await child.output(/started/);
  return child;
}
