import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { debianPrograms } from "../support/debian-programs.ts";
import { LogAgent, type LogScene } from "../support/log-agent.ts";
import { runProcess } from "../support/process.ts";
import { tempDir } from "../support/temp-dir.ts";

/** At a pace of 50 in a minute; a whole minute of it is SONDE_ROTATIONS=50, SONDE_ROTATION_MS=0 knows no pause. */
const rotations = Number(process.env.SONDE_ROTATIONS ?? 10);
const paceMs = Number(process.env.SONDE_ROTATION_MS ?? 1200);

const programs = await debianPrograms().catch((error: unknown) => {
  if (process.env.CI) throw error;
  console.warn(`skipped: the real logrotate cannot be had: ${error}`);
  return undefined;
});

afterAll(() => programs?.remove());

/** Names of one day must differ. */
const dated = ["dateext", "dateformat -%Y%m%d-TIMES"];
const modes: readonly (readonly string[])[] = [
  ["create"],
  ["copytruncate"],
  ["create", "compress"],
  ["create", "compress", "delaycompress"],
  ["copytruncate", "compress"],
  ["create", ...dated],
  ["create", "compress", ...dated],
  ["copytruncate", ...dated, "extension .log"],
];

const names = ["a.log", "b.log"];

/** All folders in one run, as from cron. */
async function rotate(scenes: readonly LogScene[], folder: string, times: number): Promise<void> {
  const blocks = scenes.map(({ folder }, at) => {
    const directives = ["missingok", "rotate 1000", ...(modes[at] ?? [])];
    // By their names: a pattern would match what was rotated to a name that ends in .log, and rotate it again.
    const paths = names.map((name) => `"${folder.path(name)}"`);
    return `${paths.join(" ")} {\n  ${directives.join("\n  ").replace("TIMES", `${times}`)}\n}\n`;
  });
  const config = join(folder, "logrotate.conf");
  writeFileSync(config, blocks.join(""), { mode: 0o600 });
  const args = ["--force", "--state", join(folder, "state"), config];
  const { code, stderr } = await runProcess(`${programs?.path}/logrotate`, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

function write(scenes: readonly LogScene[]): void {
  for (const { folder } of scenes) for (const name of names) folder.writeLines(name, 20);
}

test.skipIf(programs === undefined)(
  `${rotations} rotations by the real logrotate, one each ${paceMs} ms, cost no line`,
  async () => {
    using dir = tempDir();
    const cases = modes.map((directives) => ({ name: directives.join(", "), event: () => {} }));
    await using agent = await LogAgent.of(cases);
    write(agent.scenes);
    await agent.start();
    await agent.allArrive();
    for (let times = 0; times < rotations; times++) {
      const next = performance.now() + paceMs;
      write(agent.scenes);
      await rotate(agent.scenes, dir.path, times);
      write(agent.scenes);
      await pause(Math.max(0, next - performance.now()));
    }
    await agent.allArrive();
    await agent.stop();
    await agent.start();
    write(agent.scenes);
    await agent.allArrive();
    await agent.noteLost();
    const outcomes = agent.scenes.map((scene) => {
      const { case: one, strange, lost, folder } = scene;
      const repeated = scene.repeated(folder.written);
      // A copy that is made and rotated on between two looks cannot be told from a file of its own: it comes twice, no more.
      return { name: one.name, strange, lost, isWithinBound: repeated <= folder.written.length };
    });
    for (const scene of agent.scenes) console.info(scene.case.name, "repeated:", scene.repeated(scene.folder.written));
    expect(outcomes).toEqual(cases.map(({ name }) => ({ name, strange: [], lost: [], isWithinBound: true })));
    expect(agent.lostBytes).toBe(0);
  },
  300_000,
);
