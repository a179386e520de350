import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { logBlockKind, writeLogBlock } from "../../src/formats/loki-push/log-block.ts";
import { encodePushRequest } from "../../src/formats/loki-push/push-request.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import { SnappyEncoder } from "../../src/lib/snappy.ts";
import { writeRequestV1 } from "../reference/write-messages.ts";
import { FaultyDisk } from "../support/disk-faulty.ts";
import { ModelDisk } from "../support/disk-model.ts";
import { logRows } from "../support/log-rows.ts";
import { openQueue, take } from "../support/queue-harness.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** A queue with three blocks; the endpoint central has taken the first. */
async function fill(folder: string): Promise<void> {
  await using h = openQueue(realDisk, folder, ["central"]);
  for (const at of [1, 2, 3]) {
    const value = at + 0.5;
    const payload = compress(
      writeRequestV1([
        {
          labels: [
            ["__name__", "up"],
            ["job", 'a"b'],
          ],
          samples: [{ bits: new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n, timestamp: 1000 * at }],
          histograms: [],
          exemplars: [],
        },
      ]),
    );
    const accepted = h.queue.append({ payload, records: 1, minTimestamp: 1000 * at, maxTimestamp: 1000 * at });
    await accepted;
  }
  await take(h.queue.reader("central"));
}

test("tools queue tells segments, cursors and what is in a frame, and changes nothing", async () => {
  using dir = tempDir();
  await fill(dir.path);
  const before = readdirSync(dir.path).map((name) => [name, readFileSync(join(dir.path, name), "hex")]);
  const { code, stdout, stderr } = await sonde(["tools", "queue", dir.path, "--frames"]).exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const times = (at: number) =>
    `appended 2026-01-01T00:00:00.000Z  from 1970-01-01T00:00:0${at}.000Z to 1970-01-01T00:00:0${at}.000Z`;
  const size = /1 {2}remote write 1\.0 {2}(\S+ B)/.exec(stdout)?.[1];
  expect(stdout.replace(/queue [0-9a-f]{32}/, "queue X").replace(/seg {2}\S+ B/, "seg  N B")).toBe(`\
${dir.path}
  queue X
  0000000000000001-00.seg  N B  3 frames, 1 to 3, 3 records
    1  remote write 1.0  ${size}  1 record  ${times(1)}
    2  remote write 1.0  ${size}  1 record  ${times(2)}
    3  remote write 1.0  ${size}  1 record  ${times(3)}
  cursor central at 2: 2 frames, 2 records to deliver
`);
  const dumped = await sonde(["tools", "queue", dir.path, "--frame", "2"]).exited;
  expect([dumped.code, dumped.stdout]).toEqual([0, 'up{job="a\\"b"} 2.5 2000\n']);
  expect(readdirSync(dir.path).map((name) => [name, readFileSync(join(dir.path, name), "hex")])).toEqual(before);
});

test("tools queue prints the entries of a frame of logs", async () => {
  using dir = tempDir();
  await using h = openQueue(realDisk, dir.path, ["central"]);
  const entries = [logRows({ app: "a" }, [1n, 'the "line"', { trace: "1f" }], [2n, "two"])];
  const allocate = (length: number) => h.queue.allocate(length);
  const payload = writeLogBlock("team", encodePushRequest(entries), new SnappyEncoder(), allocate);
  await h.queue.append({ payload, records: 2, minTimestamp: 0, maxTimestamp: 0, kind: logBlockKind });
  const { code, stdout } = await sonde(["tools", "queue", dir.path, "--frame", "1"]).exited;
  expect([code, stdout]).toEqual([0, '# tenant team\n1 {"app":"a"} the "line" {"trace":"1f"}\n2 {"app":"a"} two\n']);
  const json = await sonde(["tools", "queue", dir.path, "--frame", "1", "--json"]).exited;
  expect(JSON.parse(json.stdout)).toEqual([
    {
      stream: { app: "a" },
      values: [
        ["1", 'the "line"', { trace: "1f" }],
        ["2", "two"],
      ],
    },
  ]);
});

test("tools queue tells what is damaged, and exits with 1", async () => {
  using dir = tempDir();
  await fill(dir.path);
  const [segment = ""] = readdirSync(dir.path).filter((name) => name.endsWith(".seg"));
  const bytes = readFileSync(join(dir.path, segment));
  bytes[180]! ^= 1;
  writeFileSync(join(dir.path, segment), bytes);
  const cursor = readFileSync(join(dir.path, "cursor.central"));
  writeFileSync(join(dir.path, "cursor.central"), cursor.fill(1));
  const { code, stdout } = await sonde(["tools", "queue", dir.path]).exited;
  expect(code).toBe(1);
  expect(stdout).toContain("2 frames, 2 to 3, 2 records; damaged");
  expect(stdout).toContain("cursor central is damaged: it begins anew");
});

test("tools queue counts blocks once that were written again", async () => {
  using dir = tempDir();
  const model = new ModelDisk();
  const disk = new FaultyDisk(model);
  const q = openQueue(disk, "/queue", ["central"]);
  await q.append("one", "two");
  await q.clock.advance(1000);
  await q.append("three");
  let failures = 1;
  disk.fault = (call) => (call === "sync" && failures-- > 0 ? "EIO" : undefined);
  await q.append("four");
  await q.queue.close(1000);
  for (const [path, bytes] of model.files()) writeFileSync(join(dir.path, basename(path)), bytes);
  const { code, stdout } = await sonde(["tools", "queue", dir.path]).exited;
  expect(code).toBe(0);
  expect(stdout).toContain("4 frames, 1 to 4, 15 records, written again from 3 on\n");
  expect(stdout).toContain("2 frames, 3 to 4, 9 records\n");
  expect(stdout).toContain("cursor central at 1: 4 frames, 15 records to deliver");
});

test("tools queue finds the queues of shards and endpoints below a component's folder", async () => {
  using dir = tempDir();
  await fill(join(dir.path, "shard-0-of-2"));
  await fill(join(dir.path, "endpoint.central"));
  const { code, stdout } = await sonde(["tools", "queue", dir.path, "--json"]).exited;
  const folders = (JSON.parse(stdout) as { folder: string }[]).map(({ folder }) => folder);
  expect([code, folders]).toEqual([0, [join(dir.path, "endpoint.central"), join(dir.path, "shard-0-of-2")]]);
});

test("tools queue says why a folder is no queue", async () => {
  using dir = tempDir();
  const empty = await sonde(["tools", "queue", dir.path]).exited;
  expect([empty.code, empty.stderr]).toEqual([1, `error: there is no queue in ${dir.path}\n`]);
  const absent = await sonde(["tools", "queue", join(dir.path, "x")]).exited;
  expect(absent.stderr).toContain("error: cannot read");
});

test("tools queue tells where the queues are, when it is given the folder above them", async () => {
  using dir = tempDir();
  const folder = join(dir.path, "prometheus.remote_write.central");
  mkdirSync(join(dir.path, "discovery.file.other"));
  await fill(folder);
  const { code, stdout, stderr } = await sonde(["tools", "queue", dir.path]).exited;
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(`error: there is no queue in ${dir.path}; say one of those below it:\n  ${folder}\n`);
});
