import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportEntry, type WrittenField } from "../reference/journal-export.ts";
import { fakePrograms } from "./fake-programs.ts";

/** What it answers to the question for one entry. */
export interface Probed {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

/**
 * A folder for the PATH with a journalctl that answers as a test says. With `--follow` it writes what `write` gave it,
 * and then what `write` gives it; anything else is the question for one entry.
 */
export function fakeJournalctl() {
  const dir = fakePrograms({
    journalctl: `
PATH=/usr/bin:/bin
cd "$(dirname "$0")"
[ "$LC_ALL" = C ] || exit 3
echo "$*" >> calls
case "$*" in
*--follow*)
  echo $$ > pid
  cat follow.err >&2
  [ -s follow.code ] && exit "$(cat follow.code)"
  exec tail -c +1 -f feed
  ;;
*)
  cat probe.out
  cat probe.err >&2
  exit "$(cat probe.code)"
  ;;
esac`,
  });
  const put = (name: string, content: string | Buffer) => writeFileSync(join(dir.path, name), content);
  const probe = ({ stdout = "", stderr = "", code = 0 }: Probed) => {
    put("probe.out", stdout);
    put("probe.err", stderr);
    put("probe.code", String(code));
  };
  const follow = ({ stderr = "", code }: { stderr?: string; code?: number }) => {
    put("follow.err", stderr);
    put("follow.code", code === undefined ? "" : String(code));
  };
  probe({});
  follow({});
  for (const name of ["calls", "feed"]) put(name, "");

  return {
    path: dir.path,
    probe,
    follow,
    /** Its command lines so far. */
    calls: () => readFileSync(join(dir.path, "calls"), "utf8").split("\n").slice(0, -1),
    write: (...entries: readonly Buffer[]) => appendFileSync(join(dir.path, "feed"), Buffer.concat(entries)),
    clear: () => put("feed", ""),
    /** Of the one that follows. */
    pid: () => Number(readFileSync(join(dir.path, "pid"), "utf8")),
    [Symbol.dispose]: () => dir.remove(),
  };
}

/** Entry number `n`, received in second `n` of the year 2026. */
export function journalEntry(n: number, ...fields: readonly WrittenField[]): Buffer {
  const realtime = String((BigInt(Date.UTC(2026, 0, 1)) + BigInt(n) * 1000n) * 1000n);
  return exportEntry([["__CURSOR", `i=${n}`], ["__REALTIME_TIMESTAMP", realtime], ...fields]);
}
