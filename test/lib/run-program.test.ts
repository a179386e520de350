import { expect, test } from "vitest";
import { runProgram } from "../../src/lib/run-program.ts";
import { FakeClock } from "../support/fake-clock.ts";

const stop = new AbortController().signal;
const shell = (script: string, options: { clock?: FakeClock; stop?: AbortSignal } = {}) =>
  runProgram("sh", ["-c", script], {
    clock: new FakeClock(),
    searchPath: "/usr/bin:/bin",
    deadlineMs: 1000,
    stop,
    ...options,
  });

test("gives what the program prints and how it ends, and sets an English environment without secrets", async () => {
  expect(await shell("echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  const names = (await shell("env")).stdout.match(/^[A-Za-z]\w*(?==)/gm) ?? [];
  expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL"].includes(name)).sort()).toEqual(["LC_ALL", "PATH"]);
});

test("a program that does not end is killed at the deadline", async () => {
  const clock = new FakeClock();
  const answer = shell("exec sleep 1000", { clock }).catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await answer).toMatchObject({ message: "cannot run sh", cause: "it did not end within 1 s" });
});

test("a stop ends it early", async () => {
  const stop = new AbortController();
  const answer = shell("exec sleep 1000", { stop: stop.signal }).catch((error: unknown) => error);
  stop.abort();
  expect(await answer).toMatchObject({ cause: "the agent is stopping" });
  await expect(shell("true", { stop: stop.signal })).rejects.toThrow("the agent is stopping");
});

test("a program that does not exist is told by its code", async () => {
  const answer = runProgram("no-such-program", [], {
    clock: new FakeClock(),
    searchPath: "/usr/bin:/bin",
    deadlineMs: 1000,
    stop,
  });
  await expect(answer).rejects.toMatchObject({ cause: { code: "ENOENT" } });
});
