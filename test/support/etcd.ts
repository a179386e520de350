import { freePort } from "./http-server.ts";
import { TestProcess } from "./process.ts";
import { programPath } from "./servers.ts";
import { tempDir } from "./temp-dir.ts";

export interface Etcd extends AsyncDisposable {
  readonly url: string;
  readonly process: TestProcess;
}

/** A real etcd of one member on loopback. */
export async function startEtcd(): Promise<Etcd> {
  const dir = tempDir();
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const child = new TestProcess(await programPath("etcd"), [
    `--data-dir=${dir.path}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ]);
  const stop = () => child.stop().finally(() => dir.remove());
  try {
    await child.output(/ready to serve client requests/);
    return { url: client ?? "", process: child, [Symbol.asyncDispose]: async () => void (await stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}
