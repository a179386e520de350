import { type KillOutcome, killWhileQueuing, killWhileSending, type OnKill } from "../test/support/kills.ts";

/**
 * A process with a queue on the real disk is killed with SIGKILL and started again, over and over: once with a queue alone,
 * once, at the same time, while it sends to a receiver that answers 503 and 429, resets, or takes what it does not
 * acknowledge. What a queue has accepted and what never comes out is lost.
 */
const kills = Number(process.argv[2] ?? 1000);

const [queuing, sending] = await Promise.all([
  killWhileQueuing(kills, progressOf("a queue alone")),
  killWhileSending(kills, progressOf("sending")),
]);
console.log("\n| killed | times | accepted | lost | in order | arrived twice | at most |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
console.log(rowOf("a queue alone", queuing));
console.log(rowOf("sending to a receiver in trouble", sending));
for (const remark of [...queuing.remarks, ...sending.remarks]) console.log(`it said: ${remark}`);
const isGood = [queuing, sending].every(({ lost, isInOrder, twice, mayComeTwice, remarks }) => {
  return lost.length === 0 && isInOrder && twice <= mayComeTwice && remarks.length === 0;
});
process.exitCode = isGood ? 0 : 1;

function progressOf(name: string): OnKill {
  return (done, accepted) => {
    if (done % Math.ceil(kills / 20) === 0) console.error(`${name}: ${done} of ${kills} kills, ${accepted} accepted`);
  };
}

function rowOf(name: string, { kills: times, accepted, lost, isInOrder, twice, mayComeTwice }: KillOutcome): string {
  const bound = Number.isFinite(mayComeTwice) ? mayComeTwice : "";
  return `| ${name} | ${times} | ${accepted} | ${lost.length} | ${isInOrder ? "yes" : "no"} | ${twice} | ${bound} |`;
}
