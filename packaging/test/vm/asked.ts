import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "./machine.ts";

export function expectEqual<T>(found: T, expected: T): void {
  if (found !== expected) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

export async function textOf(vm: Machine, command: string): Promise<string> {
  return (await vm.run(command)).text.trim();
}

/**
 * Asks until the answer contains a text; the answer. Patience is counted in questions, and a slow machine is asked less
 * often: what it takes to start a program there, it also takes to answer.
 */
export async function until(ask: () => Promise<string>, text: string): Promise<string> {
  const deadline = Date.now() + 120_000;
  for (let asked = 1; ; asked++) {
    const answer = await ask();
    if (answer.split("\n").some((line) => line === text || (text !== "active" && line.includes(text)))) return answer;
    if (Date.now() > deadline && asked > 100) throw new Error(`there is no ${text} in:\n${answer}`);
    await sleep(500);
  }
}

export function mainPid(vm: Machine): Promise<string> {
  return vm.must("systemctl show sonde -p MainPID --value");
}

/** How often the service has been started since the machine booted. */
export async function starts(vm: Machine): Promise<number> {
  const lines = await vm.must("journalctl -b -u sonde -o cat");
  return lines.split("\n").filter((line) => line.startsWith("Started ")).length;
}

/** A page of metrics of the machine's own, by bash: there is no program for it. */
export function page(vm: Machine, port: number): Promise<string> {
  const request = "GET /metrics HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n";
  return textOf(vm, `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${request}' >&3 && cat <&3`);
}

/** The node_* series of a page, without their values. */
export function seriesOf(text: string): Set<string> {
  const lines = text.split("\n").filter((line) => line.startsWith("node_"));
  return new Set(lines.map((line) => line.replace(/\r?$/, "").replace(/ [^ ]+$/, "")));
}
