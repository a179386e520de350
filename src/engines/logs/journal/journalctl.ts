import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock } from "../../../lib/clock.ts";
import { errnoOf } from "../../../lib/disk.ts";
import { describeError } from "../../../lib/errors.ts";
import { programEnvironment } from "../../../lib/partner.ts";
import { type ProgramAnswer, runProgram } from "../../../lib/run-program.ts";

export interface JournalctlOptions {
  /** Where to find journalctl, in the form of the environment's PATH. */
  readonly searchPath: string;
  /** The folder of the journal; left out, that of the system. */
  readonly directory?: string | undefined;
  /** `FIELD=value` and `+`. */
  readonly matches: readonly string[];
  readonly clock: Clock;
  /** The user that the agent runs as, for the remedy. */
  readonly user: string;
}

/** What the journal says when it is asked for one entry. */
export type Probe =
  | {
      readonly ok: true;
      /** Whether the journal has the entry of the cursor. */
      readonly knowsCursor: boolean;
      /** Why only a part of the journal can be read. */
      readonly problem: string | undefined;
    }
  | { readonly ok: false; readonly problem: string };

export type Journalctl = ChildProcessByStdio<null, Readable, Readable>;

const program = "journalctl";
const deadlineMs = 30_000;

/**
 * Finds out whether the journal can be read, and whether it has the entry of `cursor`. For people, since journalctl says
 * nothing of what it may not read where its output is for programs.
 */
export async function probeJournal(
  options: JournalctlOptions,
  cursor: string | undefined,
  stop: AbortSignal,
): Promise<Probe> {
  const { searchPath, clock } = options;
  const from = cursor === undefined ? [] : [`--cursor=${cursor}`];
  const args = [...commonArgs(options), "--output=short", "--show-cursor", "--lines=1", ...from];
  try {
    return judge(await runProgram(program, args, { searchPath, clock, deadlineMs, stop }), cursor, options);
  } catch (error) {
    const isMissing = errnoOf((error as Error).cause) === "ENOENT";
    return { ok: false, problem: isMissing ? missingProgram : describeError(error) };
  }
}

/**
 * Follows the journal from an entry on, that one included (the journal then says by its first entry whether it has it, and
 * skips none where the matches do not take it), or from a time.
 */
export function followJournal(
  options: JournalctlOptions,
  from: { readonly cursor: string } | { readonly sinceMs: number },
): Journalctl {
  const start = "cursor" in from ? `--cursor=${from.cursor}` : `--since=@${(from.sinceMs / 1000).toFixed(3)}`;
  const args = [...commonArgs(options), "--output=export", "--follow", "--no-tail", start, "--", ...options.matches];
  return spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: programEnvironment(options.searchPath) });
}

function commonArgs({ directory }: JournalctlOptions): string[] {
  const where = directory === undefined ? [] : [`--directory=${directory}`];
  return ["--no-pager", ...where];
}

function judge({ code, stdout, stderr }: ProgramAnswer, cursor: string | undefined, options: JournalctlOptions): Probe {
  const said = stderr.trim();
  const problem = /insufficient permissions|not seeing messages/.test(said) ? forbidden(options) : undefined;
  if (cursor !== undefined && said.includes("Failed to seek to cursor")) {
    return { ok: true, knowsCursor: false, problem };
  }
  if (/No journal files were (found|opened)/.test(said)) {
    return { ok: false, problem: problem ?? `there is no journal in ${placeOf(options)}: ${noJournal}` };
  }
  // Where it has no cursor to show it ends with 1, too.
  const isEmpty = stdout.includes("-- No entries --");
  if (code !== 0 && !isEmpty) {
    return { ok: false, problem: problem ?? `${program} ended with ${code}: ${lastLine(said)}` };
  }
  return { ok: true, knowsCursor: stdout.endsWith(`-- cursor: ${cursor}\n`), problem };
}

/** Of what a program says last, for the reason of its end. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it said nothing";
}

const missingProgram =
  "there is no program journalctl on the PATH; the journal is read by it: install systemd, or remove this component";

const noJournal = "is systemd-journald running, and path right?";

function placeOf({ directory }: JournalctlOptions): string {
  return directory ?? "/var/log/journal or /run/log/journal";
}

function forbidden({ user, directory }: JournalctlOptions): string {
  const group = "systemd-journal";
  const where = directory === undefined ? "the journal" : `the journal in ${directory}`;
  return `${user} may not read all of ${where}; add the user to the group ${group}: usermod -aG ${group} ${user}, then restart sonde`;
}
