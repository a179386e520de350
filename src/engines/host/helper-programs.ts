import type { Clock } from "../../lib/clock.ts";
import { CoProcess } from "../../lib/co-process.ts";
import { runProgram } from "../../lib/run-program.ts";
import { errorCode } from "./host-files.ts";

/** A program that does not end holds up its collector no longer than this. */
const deadlineMs = 5000;

/** The programs that know what no file says (adjtimex, netlink, ioctl). All of them end with the exporter. */
export class HelperPrograms {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  readonly #coProcesses: CoProcess[] = [];

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** What the program prints. Rejects, with the remedy, if it is not installed or fails. */
  async output(program: string, args: readonly string[], debianPackage: string): Promise<string> {
    const options = { clock: this.#clock, deadlineMs, stop: this.#stop.signal };
    const { code, stdout, stderr } = await runProgram(program, args, options).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
      throw new Error(`${program} is not on the PATH: install it (${debianPackage}) or disable the collector`);
    });
    if (code !== 0) throw new Error(`${[program, ...args].join(" ")} failed: ${stderr.trim() || `code ${code}`}`);
    return stdout;
  }

  /** Starts nothing yet. */
  coProcess(command: string, args: readonly string[]): CoProcess {
    const made = new CoProcess({ command, args, deadlineMs, clock: this.#clock, random: this.#random });
    this.#coProcesses.push(made);
    return made;
  }

  close(): void {
    this.#stop.abort();
    for (const coProcess of this.#coProcesses) coProcess.close();
  }
}
