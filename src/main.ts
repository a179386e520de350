import { main } from "./cli/program.ts";
import { tolerateClosedPipes } from "./cli/terminal.ts";

tolerateClosedPipes();
process.exitCode = await main(process.argv.slice(2));
