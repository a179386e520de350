import { expect, test } from "vitest";
import { FileTurns } from "../../../src/engines/tail/file-turns.ts";
import { FollowedPath } from "../../../src/engines/tail/followed-path.ts";
import { LogFile } from "../../../src/engines/tail/log-file.ts";
import { FakeClock } from "../../support/fake-clock.ts";

test("a file that grows while one before it is read has its turn behind that, although its end was reached once", async () => {
  const followed = new FollowedPath({ path: "/a.log", stream: "" }, [], true);
  const [former, live] = ["1:1", "1:2"].map((id) => new LogFile({ followed, id, path: "/a.log" })) as [
    LogFile,
    LogFile,
  ];
  former.state = "rotated";
  live.isDrained = true;
  for (const file of [live, former]) followed.add(file);
  const read: LogFile[] = [];
  const added: LogFile[] = [];
  const turns = new FileTurns({
    clock: new FakeClock(),
    reader: {
      turn: async (file: LogFile) => {
        read.push(file);
        file.isDrained = true;
        return "end";
      },
    },
    queue: () => ({ add: (file: LogFile) => added.push(file) }),
    troubles: { end: () => {} },
  } as never);
  await turns.turn(live, () => () => {});
  expect(read).toEqual([]);
  await turns.turn(former, () => () => {});
  expect([read, added]).toEqual([[former], [live]]);
});
