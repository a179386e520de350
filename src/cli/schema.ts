import type { Command } from "commander";
import { components } from "../components/index.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import type { Terminal } from "./terminal.ts";

export function addSchema(program: Command, terminal: Terminal): void {
  program
    .command("schema")
    .summary("print the JSON schema of the config")
    .description("Prints the JSON schema of the config, for editors: # yaml-language-server: $schema=sonde.schema.json")
    .action(() => terminal.out(`${JSON.stringify(configJsonSchema(components), null, 2)}\n`));
}
