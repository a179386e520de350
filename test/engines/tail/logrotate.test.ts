import { existsSync, globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { debianPrograms } from "../../support/debian-programs.ts";
import { runProcess } from "../../support/process.ts";
import { Tailing } from "../../support/tailing.ts";

const programs = await debianPrograms().catch((error: unknown) => {
  if (process.env.CI) throw error;
  console.warn(`skipped: the real logrotate cannot be had: ${error}`);
  return undefined;
});

afterAll(() => programs?.remove());

/** As an hourly cron job would, but now. */
async function rotate(tailing: Tailing, directives: readonly string[], times = 0): Promise<void> {
  const config = join(tailing.dir.path, "logrotate.conf");
  // Names of one day must differ.
  const all = ["rotate 30", "missingok", ...directives.map((directive) => directive.replace("TIMES", `${times}`))];
  writeFileSync(config, `"${tailing.path("*.log")}" {\n  ${all.join("\n  ")}\n}\n`, { mode: 0o600 });
  const args = ["--force", "--state", join(tailing.dir.path, "logrotate.state"), config];
  const { code, stderr } = await runProcess(`${programs?.path}/logrotate`, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

/** A writer opens its file again after each rotation, as a program does at the signal of a postrotate script. */
function writeOn(tailing: Tailing): void {
  for (const name of ["a.log", "b.log"]) tailing.writeLines(name, 20);
}

const modes: Record<string, readonly string[]> = {
  create: ["create"],
  nocreate: ["nocreate"],
  copytruncate: ["copytruncate"],
  "create, compress": ["create", "compress"],
  "create, compress, delaycompress": ["create", "compress", "delaycompress"],
  "copytruncate, compress": ["copytruncate", "compress"],
  "create, dateext": ["create", "dateext", "dateformat -%Y%m%d-TIMES"],
  "copytruncate, dateext, extension": ["copytruncate", "dateext", "dateformat -%Y%m%d-TIMES", "extension .log"],
  "create, maxsize": ["create", "maxsize 1"],
};

describe.skipIf(programs === undefined).each(Object.entries(modes))(
  "the real logrotate with %s",
  (_name, directives) => {
    // What copytruncate leaves under a name that the glob has, is a file of that name like any other.
    const patterns = ["*.log"];

    test("nothing is lost or repeated while the agent runs", async () => {
      using tailing = new Tailing();
      writeOn(tailing);
      tailing.start(patterns);
      await tailing.until(() => tailing.missing.length === 0);
      for (let times = 0; times < 4; times++) {
        writeOn(tailing);
        await rotate(tailing, directives, times);
        writeOn(tailing);
        await tailing.pass(1_000);
      }
      await tailing.until(() => tailing.missing.length === 0);
      await tailing.pass(90_000);
      expect(tailing.surplus).toBe(0);
      await tailing.stop();
    });

    test("nothing is lost or repeated by rotations that come faster than looks, or while the receiver is down", async () => {
      using tailing = new Tailing();
      writeOn(tailing);
      tailing.start(patterns);
      await tailing.until(() => tailing.missing.length === 0);
      tailing.mood = "refuses";
      for (let times = 0; times < 3; times++) {
        writeOn(tailing);
        await rotate(tailing, directives, times);
      }
      await tailing.pass(20_000);
      writeOn(tailing);
      tailing.mood = "takes";
      await tailing.until(() => tailing.missing.length === 0);
      await tailing.pass(90_000);
      expect(tailing.surplus).toBe(0);
      await tailing.stop();
    });

    test("nothing is lost or repeated by rotations while the agent is stopped", async () => {
      using tailing = new Tailing();
      writeOn(tailing);
      tailing.start(patterns);
      await tailing.until(() => tailing.missing.length === 0);
      await tailing.stop();
      for (let times = 0; times < 3; times++) {
        writeOn(tailing);
        await rotate(tailing, directives, times);
      }
      writeOn(tailing);
      tailing.start(patterns);
      await tailing.until(() => tailing.missing.length === 0);
      await tailing.pass(90_000);
      expect(tailing.surplus).toBe(0);
      await tailing.stop();
    });
  },
);

test.skipIf(programs === undefined)("the tests above rotate indeed", async () => {
  using tailing = new Tailing();
  writeOn(tailing);
  await rotate(tailing, ["create", "compress"]);
  expect(existsSync(tailing.path("a.log.1.gz"))).toBe(true);
  expect(globSync("*", { cwd: tailing.logDir })).toHaveLength(4);
});
