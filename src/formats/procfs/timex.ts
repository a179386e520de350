import { unsigned, words } from "./text.ts";

/** What adjtimex(2) fills in, in the kernel's units. */
export interface Timex {
  /** TIME_OK to TIME_ERROR: what the call returns. */
  readonly state: number;
  readonly offset: number;
  readonly freq: number;
  readonly maxerror: number;
  readonly esterror: number;
  readonly status: number;
  readonly constant: number;
  readonly tick: number;
  readonly ppsfreq: number;
  readonly jitter: number;
  readonly shift: number;
  readonly stabil: number;
  readonly jitcnt: number;
  readonly calcnt: number;
  readonly errcnt: number;
  readonly stbcnt: number;
  readonly tai: number;
}

/** The members of struct timex as they lie in memory; `modes` is ours, `sec` and `usec` are the time. */
const members =
  "modes offset freq maxerror esterror status constant precision tolerance sec usec tick ppsfreq jitter shift stabil jitcnt calcnt errcnt stbcnt tai".split(
    " ",
  );

/** A line of what the call returned and the members of its struct, in decimal; or of -1 and an errno. */
export function parseTimex(line: string): Timex | { readonly errno: number } {
  const [state, ...rest] = words(line);
  if (state === "-1") return { errno: unsigned(rest[0], "timex", line) };
  const numbers = rest.map(Number);
  if (numbers.length !== members.length || !numbers.every(Number.isSafeInteger)) {
    throw new Error(`cannot parse the answer of adjtimex: ${JSON.stringify(line)}`);
  }
  const struct = Object.fromEntries(members.map((name, at) => [name, numbers[at]]));
  return { state: unsigned(state, "timex", line), ...struct } as unknown as Timex;
}
