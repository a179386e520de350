import type { Command } from "commander";
import { describeError } from "../lib/errors.ts";
import { defaultListenAddress } from "./environment.ts";
import type { Terminal } from "./terminal.ts";

export function addReload(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  program
    .command("reload")
    .summary("make the running agent read its config again")
    .description(
      "Makes the running agent read its config again. A config with a mistake is refused, and nothing changes.",
    )
    .option("--http.listen-address <ADDRESS>", "where the agent answers", defaultListenAddress)
    .action(async (options: { "http.listenAddress": string }) =>
      finish(await reload(options["http.listenAddress"], terminal)),
    );
}

async function reload(address: string, terminal: Terminal): Promise<number> {
  const url = `http://${address.startsWith(":") ? `127.0.0.1${address}` : address}/-/reload`;
  try {
    const response = await fetch(url, { method: "POST" });
    const text = (await response.text()).trimEnd();
    if (response.ok) terminal.out(`${text}\n`);
    else terminal.err(`${text}\n`);
    return response.ok ? 0 : 1;
  } catch (error) {
    terminal.err(
      `cannot reach an agent at ${address}: ${describeError(error)}\nIs it running, and at that address? Try --http.listen-address.\n`,
    );
    return 1;
  }
}
