import { userInfo } from "node:os";
import { TestProcess } from "./process.ts";
import { programCommand } from "./servers.ts";

/** A real dnsmasq on loopback that answers for the domain `test` only; `records` are options of it. */
export async function startDnsmasq(port: number, records: readonly string[]): Promise<TestProcess> {
  const [command, ...args] = await programCommand("dnsmasq");
  const child = new TestProcess(command, [
    ...args,
    "--keep-in-foreground",
    "--log-facility=-",
    "--conf-file=/dev/null",
    "--no-resolv",
    "--no-hosts",
    `--user=${userInfo().username}`,
    "--group=",
    "--pid-file=",
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    `--port=${port}`,
    "--local=/test/",
    ...records,
  ]);
  await child.output(/started/);
  return child;
}
