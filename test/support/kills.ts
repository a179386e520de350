import { join } from "node:path";
import { uncompress } from "snappyjs";
import { realDisk } from "../../src/lib/disk-real.ts";
import { decodeWriteRequest } from "../reference/remote-write.ts";
import { startHttpServer } from "./http-server.ts";
import { TestProcess } from "./process.ts";
import { drain, openQueue } from "./queue-harness.ts";
import { tempDir } from "./temp-dir.ts";

/** What processes over one folder have left behind that were killed one after the other. */
export interface KillOutcome {
  readonly kills: number;
  /** Numbers that a queue said it holds. */
  readonly accepted: number;
  /** Accepted, and never seen again. */
  readonly lost: readonly number[];
  /** Arrived once more. */
  readonly twice: number;
  /** As many of them may: what was taken after the cursor was saved last. */
  readonly mayComeTwice: number;
  readonly isInOrder: boolean;
  /** Lines that say something else: of drops, of damage, of trouble. */
  readonly remarks: readonly string[];
}

/** Called after each kill with how many numbers were accepted so far. */
export type OnKill = (kills: number, accepted: number) => void;

/** For one life and for news of the rest: no bound on what a busy machine may take, only the end of what stands still. */
const patienceMs = 120_000;

/** A cursor is saved once a second, and a second is long on a machine that is busy. */
const unsavedMs = 2000;

/** A queue alone, whose reader takes two of three. */
export async function killWhileQueuing(kills: number, onKill: OnKill = () => {}): Promise<KillOutcome> {
  using dir = tempDir();
  const folder = join(dir.path, "queue");
  const said = new Said();
  for (let life = 0; life < kills; life++) {
    const last = said.next + 50 + ((life * 37) % 400);
    said.add(await killAfter(dir.path, "queue-process.ts", [folder, String(said.next)], last));
    onKill(life + 1, said.accepted.length);
  }
  await using rest = openQueue(realDisk, folder, ["sink"], { maxBytes: 2 ** 30 });
  await rest.append("-1");
  const left = (await drain(rest.queue.reader("sink"))).map(Number).slice(0, -1);
  const came = new Set([...said.delivered, ...left]);
  return {
    kills,
    accepted: said.accepted.length,
    lost: said.accepted.filter((number) => !came.has(number)),
    twice: said.delivered.length + left.length - came.size,
    // Nobody says when it was that the reader took one.
    mayComeTwice: Number.POSITIVE_INFINITY,
    isInOrder: isAscending([...came]),
    remarks: [...said.remarks, ...rest.drops],
  };
}

/** A queue whose content is sent to a receiver in trouble meanwhile. */
export async function killWhileSending(kills: number, onKill: OnKill = () => {}): Promise<KillOutcome> {
  using dir = tempDir();
  await using sink = await startMoodySink();
  const said = new Said();
  const args = () => [join(dir.path, "queue"), String(said.next), `${sink.url}/`];
  let mayComeTwice = 0;
  for (let life = 0; life < kills; life++) {
    const last = said.next + 30 + ((life * 37) % 100);
    said.add(await killAfter(dir.path, "sending-process.ts", args(), last));
    const killed = performance.now();
    const firstUnsaved = sink.taken.findLastIndex(({ time }) => killed - time >= unsavedMs) + 1;
    mayComeTwice += sink.taken.length - firstUnsaved + 1;
    onKill(life + 1, said.accepted.length);
  }
  await using _ = startAgain(dir.path, "sending-process.ts", args());
  await sink.takes(said.accepted.at(-1) ?? 0);
  const taken = [...sink.taken];
  const came = new Set(taken.map(({ number }) => number));
  return {
    kills,
    accepted: said.accepted.length,
    lost: said.accepted.filter((number) => !came.has(number)),
    twice: taken.length - came.size,
    mayComeTwice: mayComeTwice + taken.filter(({ isTold }) => !isTold).length,
    isInOrder: isAscending([...came]),
    remarks: said.remarks,
  };
}

/** What processes have printed that are killed one after the other, line by line. */
export class Said {
  readonly accepted: number[] = [];
  readonly delivered: number[] = [];
  readonly remarks: string[] = [];

  /** The first number of the next process. */
  get next(): number {
    return (this.accepted.at(-1) ?? -1) + 1;
  }

  add(text: string): void {
    for (const line of text.split("\n")) {
      const [, what, number] = /^(accepted|delivered) ([0-9]+)$/.exec(line) ?? [];
      if (what === "accepted") this.accepted.push(Number(number));
      else if (what === "delivered") this.delivered.push(Number(number));
      else if (line !== "") this.remarks.push(line);
    }
  }
}

/** Starts a program of this folder, kills it once it has said that it accepted the number, and returns what it has printed. */
export async function killAfter(dir: string, program: string, args: readonly string[], last: number): Promise<string> {
  const child = startAgain(dir, program, args);
  try {
    await child.output(new RegExp(`^accepted ${last}$`, "m"), patienceMs);
  } finally {
    child.kill("SIGKILL");
  }
  const { stdout, stderr } = await child.exited;
  return stdout + stderr;
}

/** Starts a program of this folder with what was compiled in lives before: a start is most of a short life. */
export function startAgain(dir: string, program: string, args: readonly string[]): TestProcess {
  const env = { NODE_COMPILE_CACHE: join(dir, "compiled") };
  return new TestProcess(process.execPath, [join(import.meta.dirname, program), ...args], { env });
}

/** Answers as a receiver in trouble does, takes what it takes, and remembers when. */
async function startMoodySink() {
  const taken: { readonly number: number; readonly time: number; readonly isTold: boolean }[] = [];
  let turn = 0;
  let onTaken: (number: number) => void = () => {};
  const server = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [series] = decodeWriteRequest(uncompress(Buffer.concat(chunks)));
      const number = new Float64Array(BigUint64Array.of(series?.samples[0]?.bits ?? 0n).buffer)[0] ?? -1;
      const mood = (turn++ * 7919) % 23;
      if (mood === 1) return void response.writeHead(503).end("not now");
      if (mood === 2) return void response.writeHead(429, { "Retry-After": "0" }).end();
      if (mood === 3) return void request.socket.resetAndDestroy();
      // The receiver has it, and the sender does not know.
      taken.push({ number, time: performance.now(), isTold: mood !== 4 });
      onTaken(number);
      if (mood === 4) return void request.socket.destroy();
      response.writeHead(204).end();
    });
  });
  /** Resolves when the number, or a later one, has come, or nothing has for long. */
  const takes = (wanted: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (taken.some(({ number }) => number >= wanted)) resolve();
    let overdue = setTimeout(resolve, patienceMs);
    onTaken = (number) => {
      clearTimeout(overdue);
      if (number >= wanted) resolve();
      else overdue = setTimeout(resolve, patienceMs);
    };
    return promise.finally(() => clearTimeout(overdue));
  };
  return { ...server, taken, takes };
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0));
}
