import { expect, test } from "vitest";
import { parseMountinfo } from "../../../src/formats/procfs/mountinfo.ts";

test("fields are counted from both ends, whatever stands in the middle", () => {
  const mount = {
    major: "254",
    minor: "1",
    mountPoint: "/",
    fsType: "ext4",
    device: "/dev/vda",
    options: ["rw", "relatime"],
    superOptions: ["rw", "errors=remount-ro"],
  };
  const f = (input: string) => expect(parseMountinfo(`${input}\n`)).toEqual([mount]);

  f("27 1 254:1 / / rw,relatime - ext4 /dev/vda rw,errors=remount-ro");
  f("27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro");
  f("27 1 254:1 / / rw,relatime shared:1 master:2 propagate_from:3 - ext4 /dev/vda rw,errors=remount-ro");
});

test("of the escapes in a mount point only blank and tab are decoded", () => {
  const f = (mountPoint: string, want: string) =>
    expect(parseMountinfo(`27 1 0:1 / ${mountPoint} rw - ext4 none rw`).map((mount) => mount.mountPoint)).toEqual([
      want,
    ]);

  f("/a\\040b\\040c", "/a b c");
  f("/a\\011b", "/a\tb");
  f("/a\\012b", "/a\\012b");
  f("/a\\134b", "/a\\134b");
});

test("a device may be empty", () => {
  // tmpfs mounted with an empty source: two blanks in a row.
  expect(parseMountinfo("27 1 0:1 / /x rw - tmpfs  rw")).toMatchObject([{ device: "", fsType: "tmpfs" }]);
});

test("a line without its hyphen or its device number fails", () => {
  const f = (input: string) => expect(() => parseMountinfo(input)).toThrow("cannot parse mountinfo: unexpected line");

  f("27 1 254:1 / / rw,relatime shared:1 ext4 /dev/vda rw");
  f("27 1 254 / / rw,relatime - ext4 /dev/vda rw");
  f("/dev/vda / ext4 rw 0 0");
});
