import type { Clock } from "../../lib/clock.ts";
import { CoProcess } from "../../lib/co-process.ts";
import { connectService, type Partner, startProgram } from "../../lib/partner.ts";
import { type ProgramAnswer, runProgram } from "../../lib/run-program.ts";
import { errorCode } from "./error-code.ts";

/** A program that does not end holds up its collector no longer than this. */
const deadlineMs = 5000;
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The programs that know what no file says (adjtimex, netlink, ioctl). All of them end with the exporter. */
export class HelperPrograms {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  readonly #coProcesses: CoProcess[] = [];

  readonly #searchPath: string;
  /** The socket of the service that asks for the clock's state where this process may not. */
  readonly clockSocket: string | undefined;

  /** The search path has the form of the environment's PATH; where that is empty, the usual folders are meant. */
  constructor(clock: Clock, random: () => number, searchPath: string | undefined, clockSocket?: string) {
    this.#clock = clock;
    this.#random = random;
    this.#searchPath = searchPath || usualPath;
    this.clockSocket = clockSocket || undefined;
  }

  /** What the program prints. Rejects, with the remedy, if it is not installed or fails. */
  async output(program: string, args: readonly string[], debianPackage: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(program, args, debianPackage);
    if (code !== 0) throw new Error(`${[program, ...args].join(" ")} failed: ${stderr.trim() || `code ${code}`}`);
    return stdout;
  }

  /** The same where a code other than 0 is an answer. */
  run(program: string, args: readonly string[], debianPackage: string): Promise<ProgramAnswer> {
    const options = { clock: this.#clock, searchPath: this.#searchPath, deadlineMs, stop: this.#stop.signal };
    return runProgram(program, args, options).catch((error: unknown) => {
      if (errorCode(error) !== "ENOENT") throw error;
      throw new Error(`${program} is not on the PATH: install it (${debianPackage}) or disable the collector`);
    });
  }

  /** Starts nothing yet. */
  coProcess(command: string, args: readonly string[]): CoProcess {
    return this.#partnerOf(command, () => startProgram(command, args, this.#searchPath));
  }

  /** The same with a service that listens on a socket of the file system. */
  service(path: string): CoProcess {
    return this.#partnerOf(path, () => connectService(path));
  }

  #partnerOf(name: string, start: () => Partner): CoProcess {
    const made = new CoProcess({ name, start, deadlineMs, clock: this.#clock, random: this.#random });
    this.#coProcesses.push(made);
    return made;
  }

  close(): void {
    this.#stop.abort();
    for (const coProcess of this.#coProcesses) coProcess.close();
  }
}
