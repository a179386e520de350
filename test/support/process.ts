import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";

export interface Exit {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** On top of the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the process reads from its standard input; nothing when left out. */
  readonly input?: string;
  /** A descriptor of this process that the other one gets under the number 3. */
  readonly inherit?: number;
}

// Below the test runner's own limit, so that a failure shows what the program printed.
const outputTimeoutMs = 15_000;
const stopTimeoutMs = 18_000;

/** Runs a program to its end. A code other than 0 is an answer, not an error. */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<Exit> {
  return new TestProcess(command, args, options).exited;
}

/**
 * A program that runs beside a test. `await using child = new TestProcess(…)` stops it at the end of the block; where
 * there is no block, call `stop()`. One that is forgotten is killed when the test runner's process ends.
 */
export class TestProcess {
  /** Resolves when the process has ended and its output is read; rejects when it could not be started. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #progress = new EventEmitter();
  #stdout = "";
  #stderr = "";
  #ended: Error | undefined;

  constructor(command: string, args: readonly string[], { cwd, env, input, inherit }: ProcessOptions = {}) {
    this.#name = [command, ...args].join(" ");
    const stdio = ["pipe", "pipe", "pipe", ...(inherit === undefined ? [] : [inherit])] as ["pipe", "pipe", "pipe"];
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#progress.emit("progress");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#progress.emit("progress");
    });
    // A program that ends without reading its input breaks the pipe, which is no failure of the test.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    this.#child = child;
    this.exited = this.#watch();
    // Whoever waits for the end or for output is told; a process that nobody waits for must not end the test runner.
    this.exited.catch(() => {});
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The first match in the whole lines that it has printed or will print; rejects when it ends without one. */
  async output(pattern: RegExp, patienceMs = outputTimeoutMs): Promise<RegExpExecArray> {
    const overdue = AbortSignal.timeout(patienceMs);
    for (;;) {
      const match = pattern.exec(wholeLines(this.#stdout)) ?? pattern.exec(wholeLines(this.#stderr));
      if (match !== null) return match;
      if (this.#ended !== undefined) throw this.#ended;
      await once(this.#progress, "progress", { signal: overdue }).catch(() => {
        throw new Error(`${this.#name} printed nothing like ${pattern} so far\n${this.#stdout}${this.#stderr}`);
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end with SIGTERM and waits; one that does not obey is killed, and that is an error. */
  async stop(): Promise<Exit> {
    let overdue = false;
    this.kill("SIGTERM");
    const timer = setTimeout(() => {
      overdue = true;
      this.kill("SIGKILL");
    }, stopTimeoutMs);
    const exit = await this.exited.finally(() => clearTimeout(timer));
    if (overdue) throw new Error(`${this.#name} did not end within ${stopTimeoutMs / 1000} s of SIGTERM`);
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(): Promise<Exit> {
    const kill = () => this.#child.kill("SIGKILL");
    process.once("exit", kill);
    try {
      const [code, signal] = (await once(this.#child, "close")) as [number | null, NodeJS.Signals | null];
      this.#ended = new Error(`${this.#name} ended with ${signal ?? `code ${code}`}\n${this.#stdout}${this.#stderr}`);
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
    } catch (cause) {
      this.#ended = new Error(`cannot start ${this.#name}`, { cause });
      throw this.#ended;
    } finally {
      process.removeListener("exit", kill);
      this.#progress.emit("progress");
    }
  }
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}
