import { type DisposableTempDir, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { TestProcess } from "./process.ts";
import { listening, type Server } from "./servers.ts";
import { tempDir } from "./temp-dir.ts";

export const root = join(import.meta.dirname, "../..");

/** A real agent in a process of its own, as `bin/sonde run` starts it. `await using` stops it. */
export interface RunningSonde extends AsyncDisposable {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly process: TestProcess;
}

export function sonde(args: readonly string[], env: Readonly<Record<string, string>> = {}): TestProcess {
  return new TestProcess(join(root, "bin/sonde"), args, { cwd: root, env });
}

/** Resolves when the agent is ready: it prints where to look then. */
export function startSonde(path: string, env: Readonly<Record<string, string>> = {}): Promise<RunningSonde> {
  return start(path, tempDir(), env);
}

/** The same on a config that no test looks at again. */
export function startSondeWith(config: string): Promise<RunningSonde> {
  const storage = tempDir();
  const path = join(storage.path, "sonde.yaml");
  writeFileSync(path, config);
  return start(path, storage);
}

async function start(
  path: string,
  storage: DisposableTempDir,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningSonde> {
  const process = sonde(["run", path, "--storage.path", storage.path, "--http.listen-address", "127.0.0.1:0"], env);
  const stop = () => process.stop().finally(() => storage.remove());
  try {
    const [, url = ""] = await process.output(/Look at +(http:\/\/\S+?)\/ /);
    return { url, process, [Symbol.asyncDispose]: async () => void (await stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `sonde node-exporter` on a port of its own. */
export function startSondeNodeExporter(flags: readonly string[] = []): Promise<Server> {
  return listening(sonde(["node-exporter", "--web.listen-address=127.0.0.1:0", ...flags]), /TLS is (disabled|enabled)/);
}

/** Where a prometheus.expose shows its page: known once it has bound its port. */
export function exposedPage(sonde: RunningSonde, id: string): Promise<string> {
  return eventually(async () => {
    const response = await fetch(`${sonde.url}/api/v1/components/${id}`);
    const { data } = (await response.json()) as { data: { debug: { url: string; listening: boolean } } };
    if (!data.debug.listening) throw new Error(`${id} does not listen yet`);
    return data.debug.url;
  });
}
