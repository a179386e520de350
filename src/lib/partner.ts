import { type ChildProcessByStdio, spawn } from "node:child_process";
import { connect } from "node:net";
import type { Readable, Writable } from "node:stream";

/** Whoever answers lines with lines: a program, or a service behind a socket. */
export interface Partner {
  readonly input: Writable;
  readonly output: Readable;
  /** Once it is known to have ended, or not to be there: with code ENOENT where there is no such thing. */
  onEnd(callback: (reason: Error | string) => void): void;
  /** Ends it, and waits for nothing. */
  abandon(): void;
}

/** Starts a program. The search path has the form of the environment's PATH. */
export function startProgram(command: string, args: readonly string[], searchPath: string): Partner {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    stdio: ["pipe", "pipe", "ignore"],
    env: programEnvironment(searchPath),
  });
  return {
    input: child.stdin,
    output: child.stdout,
    onEnd(callback) {
      child.on("error", callback);
      child.on("exit", (code, signal) => callback(`it ended with ${signal ?? `code ${code}`}`));
    },
    abandon() {
      child.kill("SIGKILL");
      child.stdin.destroy();
      child.stdout.destroy();
      child.unref();
    },
  };
}

/** Connects to a service that listens on a socket of the file system. */
export function connectService(path: string): Partner {
  const socket = connect({ path });
  return {
    input: socket,
    output: socket,
    onEnd(callback) {
      socket.on("error", callback);
      socket.on("close", () => callback("it closed the connection"));
    },
    abandon: () => socket.destroy(),
  };
}

/** All that programs see of the environment: nothing of the agent's. They shall speak English. */
export function programEnvironment(searchPath: string): NodeJS.ProcessEnv {
  return { PATH: searchPath, LC_ALL: "C" };
}
