import { main } from "./cli/program.ts";
import { tolerateClosedPipes } from "./cli/terminal.ts";

tolerateClosedPipes();
// Not awaited: the packaged program is one CommonJS file, which knows no await at its top.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
