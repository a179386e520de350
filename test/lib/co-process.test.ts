import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CoProcess } from "../../src/lib/co-process.ts";
import { connectService, startProgram } from "../../src/lib/partner.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempDir } from "../support/temp-dir.ts";

const world = { deadlineMs: 1000, clock: new FakeClock(), random: () => 0.5 };

/** A co-process of the shell. */
function shell(script: string, clock = new FakeClock()) {
  const start = () => startProgram("sh", ["-c", script], "/usr/bin:/bin");
  const coProcess = new CoProcess({ name: "sh", start, deadlineMs: 1000, clock, random: () => 0.5 });
  return Object.assign(coProcess, { [Symbol.dispose]: () => coProcess.close() });
}

const pidPerLine = 'while read -r line; do echo "$$ $line"; done';

test("one process answers all questions, each with its own answer", async () => {
  using coProcess = shell(pidPerLine);
  const answers = await Promise.all([coProcess.ask("a"), coProcess.ask("b")]);
  answers.push(await coProcess.ask("c"));
  const [pid] = answers[0]!.split(" ");
  expect(answers).toEqual([`${pid} a`, `${pid} b`, `${pid} c`]);
});

test("a process that says nothing is killed at the deadline, and all who wait are told", async () => {
  const clock = new FakeClock();
  using coProcess = shell("cat > /dev/null", clock);
  const asked = [coProcess.ask("a"), coProcess.ask("b")].map((answer) => answer.catch(causeOf));
  await clock.advance(1000);
  expect(await Promise.all(asked)).toEqual(["no answer within 1 s", "no answer within 1 s"]);
  expect(clock.pending).toBe(0);
});

test("after a failure it is started again, later each time; an answer makes it patient again", async () => {
  const clock = new FakeClock();
  using coProcess = shell('read -r line; test "$line" = quit && exit 3; echo "$line"; read -r line', clock);
  const quit = () => coProcess.ask("quit").catch(causeOf);
  expect(await quit()).toBe("it ended with code 3");
  await clock.advance(4999);
  expect(await coProcess.ask("too early").catch(causeOf)).toBe("it ended with code 3");
  await clock.advance(1);
  expect(await quit()).toBe("it ended with code 3");
  await clock.advance(5000);
  expect(await coProcess.ask("still too early").catch(causeOf)).toBe("it ended with code 3");
  await clock.advance(5000);
  expect(await coProcess.ask("hello")).toBe("hello");
  expect(await quit()).toMatch(/^it ended/);
  await clock.advance(5000);
  expect(await coProcess.ask("again")).toBe("again");
});

test("a program that does not exist is told by its code", async () => {
  const start = () => startProgram("no-such-program", [], "/usr/bin:/bin");
  const coProcess = new CoProcess({ name: "no-such-program", start, ...world });
  const error = await coProcess.ask("").catch((error: unknown) => error);
  expect(error).toMatchObject({ message: "cannot ask no-such-program", cause: { code: "ENOENT" } });
});

test("noise and endless answers are not believed", async () => {
  using noisy = shell("read -r line; printf '%s\\nnoise\\n' \"$line\"; cat");
  expect(await noisy.ask("a")).toBe("a");
  expect(await noisy.ask("b").catch(causeOf)).toBe("it spoke without being asked");
  using endless = shell("yes x | tr -d '\\n'");
  expect(await endless.ask("a").catch(causeOf)).toBe("its answer has no end");
});

test("closing ends the process and those who wait; it is not started again", async () => {
  const coProcess = shell("cat > /dev/null");
  const asked = coProcess.ask("a").catch(causeOf);
  coProcess.close();
  expect(await asked).toBe("it was closed");
  expect(await coProcess.ask("b").catch(causeOf)).toBe("it was closed");
});

test("a service behind a socket is asked like a program; one that is not there is told by its code", async () => {
  using dir = tempDir();
  const path = join(dir.path, "socket");
  const start = () => connectService(path);
  const missing = new CoProcess({ name: path, start, ...world });
  expect(await missing.ask("").catch(causeOf)).toMatchObject({ code: "ENOENT" });

  const server = createServer((socket) => socket.on("data", (data) => socket.write(`<${data.toString().trim()}>\n`)));
  await once(server.listen(path), "listening");
  const coProcess = new CoProcess({ name: path, start, ...world });
  expect([await coProcess.ask("a"), await coProcess.ask("b")]).toEqual(["<a>", "<b>"]);
  coProcess.close();
  // Resolves only because the connection was closed, too.
  await new Promise((resolve) => server.close(resolve));
});

test("a service that hangs up is told", async () => {
  using dir = tempDir();
  const path = join(dir.path, "socket");
  const server = createServer((socket) => socket.on("data", () => socket.end()));
  await once(server.listen(path), "listening");
  const coProcess = new CoProcess({ name: path, start: () => connectService(path), ...world });
  expect(await coProcess.ask("a").catch(causeOf)).toBe("it closed the connection");
  await new Promise((resolve) => server.close(resolve));
});

function causeOf(error: unknown): unknown {
  return (error as Error).cause;
}
