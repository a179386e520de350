import { expect, test } from "vitest";
import { zoneOffsetAt } from "../../../src/formats/procfs/tzif.ts";

interface Zone {
  readonly types: readonly (readonly [abbreviation: string, seconds: number])[];
  readonly transitions: readonly (readonly [at: number, type: number])[];
}

const paris: Zone = {
  types: [
    ["LMT", 561],
    ["CEST", 7200],
    ["CET", 3600],
  ],
  transitions: [
    [-2486592561, 2],
    [354675600, 1],
    [370400400, 2],
  ],
};
const rule = "CET-1CEST,M3.5.0,M10.5.0/3";

function f(file: Uint8Array, unixSeconds: number, want: string): void {
  const zone = zoneOffsetAt(file, unixSeconds);
  expect(`${zone.abbreviation} ${zone.seconds}`).toBe(want);
}

test("the last transition that has passed decides", () => {
  const file = tzif(2, paris, rule);
  f(file, -3_000_000_000, "LMT 561");
  f(file, -2_486_592_561, "CET 3600");
  f(file, 354_675_599, "CET 3600");
  f(file, 354_675_600, "CEST 7200");
});

test("behind the last transition the rule at the end of the file does", () => {
  const file = tzif(2, paris, rule);
  f(file, Date.UTC(2040, 6, 1) / 1000, "CEST 7200");
  f(file, Date.UTC(2040, 0, 1) / 1000, "CET 3600");
});

test("without a rule the last transition holds for ever", () => {
  f(tzif(2, paris, ""), Date.UTC(2040, 6, 1) / 1000, "CET 3600");
});

test("a file of version 1 has 32-bit times and no rule", () => {
  const file = tzif(1, { ...paris, transitions: paris.transitions.slice(1) }, "");
  f(file, 354_675_600, "CEST 7200");
  f(file, Date.UTC(2037, 6, 1) / 1000, "CET 3600");
});

test("a zone that never changed has no transitions", () => {
  f(tzif(2, { types: [["UTC", 0]], transitions: [] }, "UTC0"), 0, "UTC 0");
});

test("another file fails", () => {
  expect(() => zoneOffsetAt(Buffer.from("TZ=Europe/Paris"), 0)).toThrow(
    new Error("cannot read the time zone: it is not in TZif format"),
  );
});

/** Writes a file as zic does; of version 2 with an empty first part. */
function tzif(version: 1 | 2, zone: Zone, footer: string): Uint8Array {
  if (version === 1) return part(0, 4, zone);
  return Buffer.concat([
    part(0x32, 4, { types: [["x", 0]], transitions: [] }),
    part(0x32, 8, zone),
    Buffer.from(`\n${footer}\n`),
  ]);
}

function part(version: number, timeSize: 4 | 8, { types, transitions }: Zone): Buffer {
  const names = types.map(([name]) => `${name}\0`);
  const counts = [0, 0, 0, transitions.length, types.length, names.join("").length];
  const header = Buffer.alloc(44);
  header.write("TZif");
  header[4] = version;
  for (const [at, count] of counts.entries()) header.writeUInt32BE(count, 20 + 4 * at);
  const times = transitions.map(([at]) => {
    const time = Buffer.alloc(timeSize);
    if (timeSize === 4) time.writeInt32BE(at);
    else time.writeBigInt64BE(BigInt(at));
    return time;
  });
  const records = types.map(([, seconds], type) => {
    const record = Buffer.alloc(6);
    record.writeInt32BE(seconds);
    record[5] = names.slice(0, type).join("").length;
    return record;
  });
  return Buffer.concat([
    header,
    ...times,
    Buffer.from(transitions.map(([, type]) => type)),
    ...records,
    Buffer.from(names.join("")),
  ]);
}
