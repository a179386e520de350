import { spawn } from "node:child_process";
import type { Clock } from "./clock.ts";
import { programEnvironment } from "./partner.ts";

export interface ProgramAnswer {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Where to find it, in the form of the environment's PATH. */
  readonly searchPath: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Ends the program early. */
  readonly stop: AbortSignal;
}

/** More than any host's answer; a program that prints without end must not take the agent's memory. */
const mostBytes = 64 * 2 ** 20;

/**
 * Runs a program to its end. A code other than 0 is an answer. Rejects if it cannot be started (ENOENT: there is none of
 * that name on the PATH) or does not end in time; then it is killed, and abandoned if that does not help.
 */
export function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<ProgramAnswer> {
  const { clock, deadlineMs, searchPath, stop } = options;
  if (stop.aborted) return Promise.reject(new Error(`cannot run ${command}: the agent is stopping`));
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: programEnvironment(searchPath) });
  const answer = { stdout: "", stderr: "" };

  return new Promise<ProgramAnswer>((resolve, reject) => {
    const give = (cause: unknown) => reject(new Error(`cannot run ${command}`, { cause }));
    const cancel = clock.after(deadlineMs, () => abandon(`it did not end within ${deadlineMs / 1000} s`));
    const onStop = () => abandon("the agent is stopping");
    stop.addEventListener("abort", onStop, { once: true });

    const read = (key: "stdout" | "stderr") => (text: string) => {
      answer[key] += text;
      if (answer[key].length > mostBytes) abandon("its output has no end");
    };
    child.stdout.setEncoding("utf8").on("data", read("stdout"));
    child.stderr.setEncoding("utf8").on("data", read("stderr"));
    child.on("error", (error) => settle(() => give(error)));
    child.on("close", (code) => settle(() => resolve({ code, ...answer })));

    function abandon(reason: string): void {
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      settle(() => give(reason));
    }
    function settle(end: () => void): void {
      cancel();
      stop.removeEventListener("abort", onStop);
      end();
    }
  });
}
