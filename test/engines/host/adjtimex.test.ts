import { expect, test } from "vitest";
import { Adjtimex } from "../../../src/engines/host/adjtimex.ts";
import { HelperPrograms } from "../../../src/engines/host/helper-programs.ts";
import { systemClock } from "../../../src/lib/clock.ts";

/** What one of the two programs says when the other one is not there. */
async function answerOf(program: "perl" | "python3") {
  const helpers = new HelperPrograms(systemClock, () => 0.5, process.env.PATH);
  const only = {
    coProcess: (command: string, args: readonly string[]) =>
      helpers.coProcess(command === program ? command : "no-such-program", args),
  } as HelperPrograms;
  try {
    const { state, status, constant, tick, tai } = (await new Adjtimex(only).ask()) as Record<string, number>;
    return { state, status, constant, tick, tai };
  } finally {
    helpers.close();
  }
}

test("perl and python3 read the same state of this machine's clock", async () => {
  const perl = await answerOf("perl");
  expect(perl.tick).toBeGreaterThan(8000);
  expect(await answerOf("python3")).toEqual(perl);
});
