import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";
import { addDiscover } from "./tools/discover.ts";
import { addProcess } from "./tools/process.ts";
import { addQueue } from "./tools/queue.ts";
import { addRelabel } from "./tools/relabel.ts";
import { addScrape } from "./tools/scrape.ts";

/** Commands that help with what is around the agent; none of them needs one that runs. */
export function addTools(program: Command, terminal: Terminal, finish: (code: number) => void): void {
  const tools = program
    .command("tools")
    .summary("look at what the agent works with")
    .helpCommand(false)
    .description("Small tools that look at what the agent works with. None needs an agent that runs.");
  for (const add of [addScrape, addRelabel, addProcess, addDiscover, addQueue]) add(tools, terminal, finish);
  for (const command of tools.commands) command.helpOption("--help", "print this help").copyInheritedSettings(program);
}
