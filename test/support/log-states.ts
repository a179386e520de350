import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { LogAgent, type LogScene } from "./log-agent.ts";
import type { AgentCase } from "./reading-cases.ts";

/** What an agent is in while files are rotated. */
export interface LogState {
  readonly name: string;
  readonly kills?: number;
  /** Has the events happen, and the agent run and in good health at the end. */
  pass(agent: LogAgent): Promise<void>;
}

/** What became of a case in a state. */
export interface Outcome {
  readonly lost: readonly string[];
  readonly strange: readonly string[];
  readonly repeated: number;
  /** How many may be: what was acknowledged since the last snapshot, once for each kill. */
  readonly mayRepeat: number;
}

export interface Passage {
  readonly outcomes: ReadonlyMap<AgentCase, Outcome>;
  /** What the agent itself says of bytes that it could not read any more. */
  readonly lostBytes: number;
  /** Requests that Loki had, and got again. */
  readonly requestsTwice: number;
}

export const logStates: readonly LogState[] = [
  {
    name: "the agent runs",
    async pass(agent) {
      for (const { case: one, folder } of agent.scenes) one.event(folder, true);
      await agent.allArrive();
    },
  },
  {
    name: "the agent is stopped",
    async pass(agent) {
      await agent.stop();
      happen(agent);
      await agent.start();
    },
  },
  {
    name: "the agent is killed at random",
    kills: 2,
    async pass(agent) {
      await agent.allSaved();
      for (const scene of agent.scenes) scene.write(6);
      await agent.allArrive();
      // In the midst of the events, and again in the midst of what they left to be read.
      const killAt = Math.floor(Math.random() * agent.scenes.length);
      happen(agent, killAt);
      await agent.process.exited;
      await agent.start();
      const enough = agent.count() + Math.random() * 200;
      await eventually(() => {
        if (agent.count() < enough && agent.scenes.some(({ lost }) => lost.length > 0)) throw new Error("not enough");
      });
      await agent.kill();
      await agent.start();
    },
  },
  {
    name: "the receiver is down",
    async pass(agent) {
      await agent.lokiGoes();
      const before = agent.scenes.map(({ due }) => due.length);
      for (const { case: one, folder } of agent.scenes) one.event(folder, true);
      const entries = agent.scenes.reduce((sum, { due }, at) => sum + due.length - before[at]!, 0);
      await agent.queued(entries);
      // The queue outlives its process.
      await agent.stop();
      await agent.start();
      await agent.queued(entries);
      await agent.lokiComes();
    },
  },
  {
    name: "the queue is full",
    async pass(agent) {
      agent.loki.answer({ status: 503, body: "not now" });
      // Nothing of it can be left out: the queue has 1 MiB.
      for (let line = 0; line < 50; line++)
        appendFileSync(agent.fillerPath, `${randomBytes(40_000).toString("base64")}\n`);
      await agent.process.output(/the queue is full/);
      for (const { case: one, folder } of agent.scenes) one.event(folder, true);
      for (const scene of agent.scenes) scene.write(1);
      agent.loki.answer();
    },
  },
];

/** One agent for all cases: each has its own folder, and its own component. */
export async function passState(state: LogState, cases: readonly AgentCase[]): Promise<Passage> {
  await using agent = await LogAgent.of(cases);
  for (const scene of agent.scenes) scene.begin();
  const before = agent.scenes.map(({ due }) => [...due]);
  await agent.start();
  await agent.allArrive();
  await state.pass(agent);
  await agent.allArrive();
  // What would come twice would come before what is written now, or after a start.
  for (const scene of agent.scenes) scene.write(2);
  await agent.allArrive();
  await agent.stop();
  await agent.start();
  for (const scene of agent.scenes) scene.write(2);
  await agent.allArrive();
  await agent.noteLost();
  const outcomes = new Map(
    agent.scenes.map((scene, at) => [scene.case, outcomeOf(scene, before[at] ?? [], state, agent.ends)]),
  );
  return { outcomes, lostBytes: agent.lostBytes, requestsTwice: agent.loki.duplicates };
}

/** The events, while the agent is down; or until it is killed among them. */
function happen(agent: LogAgent, killAt = -1): void {
  for (const [at, scene] of agent.scenes.entries()) {
    if (at === killAt) agent.process.kill("SIGKILL");
    scene.case.event(scene.folder, false);
    if (scene.case.damagesPositions) agent.damagePositions(scene);
  }
}

/** What is damaged, or held back by a stage, moves no position: it comes again after each end. */
function outcomeOf(scene: LogScene, before: readonly string[], { kills = 0 }: LogState, ends: number): Outcome {
  const { lost, strange, due } = scene;
  const isBefore = new Set(before);
  const later = due.filter((line) => !isBefore.has(line));
  const isHeld = scene.case.damagesPositions || scene.case.isLastOpen;
  const mayRepeat = isHeld ? ends * due.length : kills * later.length;
  return { lost, strange, repeated: scene.repeated(due), mayRepeat };
}
