import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { drain, openQueue } from "../../support/queue-harness.ts";

const folder = "/queue";
const texts = Array.from({ length: 8 }, (_, at) => `${at}${"abcdefgh".repeat(3 + at)}`);

/** A frame has a header of 64 bytes, and ends at a multiple of 8. */
const frameSizes = texts.map((text) => 64 + Math.ceil(text.length / 8) * 8);

/** Two segments with four blocks each, of which none is delivered. */
async function record(): Promise<Map<string, Buffer>> {
  const disk = new ModelDisk();
  const q = openQueue(disk, folder, ["a"]);
  await q.append(...texts.slice(0, 4));
  await q.clock.advance(1_000_000);
  await q.append(...texts.slice(4));
  await q.queue.close(1000);
  return disk.files();
}

async function readBack(files: ReadonlyMap<string, Buffer>) {
  const q = openQueue(ModelDisk.of(files), folder, ["a"]);
  await q.append("after");
  const got = await drain(q.queue.reader("a"));
  expect(got.pop()).toBe("after");
  expect(q.troubles).toEqual([]);
  const lost = q.drops.map((drop) => Number(drop.replace("a damaged ", ""))).reduce((sum, each) => sum + each, 0);
  return { got, lost };
}

function isSegment(path: string): boolean {
  return path.endsWith(".seg");
}

/** The block whose frame has this byte of a segment; none in the header. */
function blockAt(segment: number, offset: number): string | undefined {
  let end = 96;
  for (let at = segment * 4; at < texts.length; at++) {
    if (offset < end) return undefined;
    end += frameSizes[at]!;
    if (offset < end) return texts[at];
  }
  return undefined;
}

test("whichever byte is flipped, only the block it belongs to is lost, and counted", async () => {
  const files = await record();
  expect([...files.keys()].filter(isSegment).length).toBe(2);
  for (const [path, bytes] of files) {
    const segment = [...files.keys()].filter(isSegment).sort().indexOf(path);
    for (let offset = 0; offset < bytes.length; offset++) {
      const flipped = Buffer.from(bytes);
      flipped[offset]! ^= offset % 2 === 0 ? 0xff : 1;
      const touched = segment < 0 ? undefined : blockAt(segment, offset);
      await expectOnlyLost(`${path} ${offset}`, new Map([...files, [path, flipped]]), touched);
    }
  }
});

async function expectOnlyLost(where: string, files: ReadonlyMap<string, Buffer>, touched: string | undefined) {
  const { got, lost } = await readBack(files);
  expect([where, texts.filter((text) => text !== touched && !got.includes(text))]).toEqual([where, []]);
  expect([where, got]).toEqual([where, texts.filter((text) => got.includes(text))]);
  const missing = got.length === texts.length ? 0 : (touched ?? "").length;
  // Of what is behind the last whole header of a folder nobody can know.
  expect([where, touched === texts.at(-1) ? Math.max(lost, missing) : lost]).toEqual([where, missing]);
}

test("wherever a file is cut, what is before the cut and in other files comes out", async () => {
  const files = await record();
  for (const [path, bytes] of files) {
    const segment = [...files.keys()].filter(isSegment).sort().indexOf(path);
    for (let length = 0; length < bytes.length; length++) {
      const { got, lost } = await readBack(new Map([...files, [path, bytes.subarray(0, length)]]));
      const where = `${path} ${length}`;
      const whole = (text: string, at: number) => {
        if (segment < 0 || Math.floor(at / 4) !== segment) return true;
        const end = 96 + frameSizes.slice(segment * 4, at).reduce((sum, size) => sum + size, 0) + 64 + text.length;
        return end <= length;
      };
      const wanted = texts.filter(whole);
      expect([where, got]).toEqual([where, wanted]);
      const missing = texts.filter((text) => !wanted.includes(text)).reduce((sum, text) => sum + text.length, 0);
      if (segment === 0) expect([where, lost]).toEqual([where, missing]);
    }
  }
});

/** The first six blocks lie in one segment; the last two of them could not be synced, and begin the next one again. */
async function recordWrittenAgain(): Promise<Map<string, Buffer>> {
  const model = new ModelDisk();
  const disk = new FaultyDisk(model);
  const q = openQueue(disk, folder, ["a"]);
  await q.append(...texts.slice(0, 4));
  await q.clock.advance(1000);
  await q.append(...texts.slice(4, 6));
  let failures = 1;
  disk.fault = (call) => (call === "sync" && failures-- > 0 ? "EIO" : undefined);
  await q.clock.advance(1000);
  await q.append(...texts.slice(6));
  await q.queue.close(1000);
  return model.files();
}

test("of blocks that were written again each damage costs one at most, whatever a power cut has left of older copies", async () => {
  const files = await recordWrittenAgain();
  const segments = [...files].filter(([path]) => isSegment(path)).sort();
  const sizeOf = (frames: readonly number[]) => 96 + frames.reduce((sum, size) => sum + size, 0);
  expect(segments.map(([, { length }]) => length)).toEqual([
    sizeOf(frameSizes.slice(0, 6)),
    sizeOf(frameSizes.slice(4)),
  ]);
  segments[0]?.[1].fill(0, sizeOf(frameSizes.slice(0, 4)), sizeOf(frameSizes.slice(0, 5)));
  for (const [at, [path, bytes]] of segments.entries()) {
    for (let offset = 0; offset < bytes.length; offset++) {
      const flipped = Buffer.from(bytes);
      flipped[offset]! ^= offset % 2 === 0 ? 0xff : 1;
      const touched = blockAt(at, offset);
      const isOldCopy = at === 0 && texts.indexOf(touched ?? "") >= 4;
      await expectOnlyLost(`${path} ${offset}`, new Map([...files, [path, flipped]]), isOldCopy ? undefined : touched);
    }
  }
});

test("a file without a single frame is kept aside", async () => {
  const files = await record();
  const [, second = ""] = [...files.keys()].filter(isSegment).sort();
  files.set(second, Buffer.from("not a segment at all, and longer than the header of one would be".repeat(3)));
  const disk = ModelDisk.of(files);
  const q = openQueue(disk, folder, ["a"]);
  await q.append("after");
  expect(await drain(q.queue.reader("a"))).toEqual([...texts.slice(0, 4), "after"]);
  expect(q.damaged).toEqual([second.replace(`${folder}/`, "")]);
  expect(await disk.list(`${folder}/quarantine`)).toEqual([second.replace(`${folder}/`, "")]);
});

test("a segment of a version to come is kept aside", async () => {
  const files = await record();
  const [first = ""] = [...files.keys()].filter(isSegment).sort();
  const bytes = Buffer.from(files.get(first)!);
  bytes.writeUInt16LE(2, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 92)), 92);
  const q = openQueue(ModelDisk.of(files.set(first, bytes)), folder, ["a"]);
  await q.append("after");
  expect(await drain(q.queue.reader("a"))).toEqual([...texts.slice(4), "after"]);
  expect(q.damaged).toEqual([first.replace(`${folder}/`, "")]);
});
