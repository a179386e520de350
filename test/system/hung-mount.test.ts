import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { listening } from "../support/servers.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** A FUSE mount whose program never answers, as the mount of a server that is gone; undefined where one may not mount. */
function mountDead() {
  const dir = tempDir();
  try {
    const fuse = openSync("/dev/fuse", "r+");
    const options = `fd=3,rootmode=40000,user_id=0,group_id=0`;
    const mount = spawnSync("mount", ["-i", "-t", "fuse", "-o", options, "dead", dir.path], {
      stdio: ["ignore", "ignore", "ignore", fuse],
    });
    if (mount.status !== 0) throw new Error("mount failed");
    let isMounted = true;
    const release = () => {
      if (!isMounted) return;
      isMounted = false;
      // The kernel gives up every pending call when the last descriptor closes.
      closeSync(fuse);
      spawnSync("umount", ["-l", dir.path]);
      dir.remove();
    };
    return { path: dir.path, release, [Symbol.dispose]: release };
  } catch {
    dir.remove();
    return undefined;
  }
}

/** The children of a process that run `stat`. */
function statChildren(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.filter((child) => readFileSync(`/proc/${child}/comm`, "utf8").trim() === "stat");
}

test("a mount that hangs costs its own numbers and nothing else", async ({ skip }) => {
  using dead = mountDead();
  if (dead === undefined) return skip("only root may mount");
  const flags = [
    "--collector.filesystem.mount-timeout=300ms",
    "--collector.filesystem.mount-points-exclude=^/(dev|proc)",
  ];
  const child = sonde(["node-exporter", "--web.listen-address=127.0.0.1:0", ...flags]);
  await using exporter = await listening(child, /TLS is disabled/);
  const page = async () => (await fetch(`${exporter.url}/metrics`)).text();
  const label = `device="dead",device_error="mountpoint timeout",fstype="fuse",mountpoint="${dead.path}"`;

  for (let scrape = 0; scrape < 5; scrape++) {
    const text = await page();
    expect(text).toContain(`node_filesystem_device_error{${label}} 1`);
    expect(text).toContain(`node_filesystem_readonly{${label}} 0`);
    expect(text).toMatch(/node_filesystem_size_bytes\{.*mountpoint="\/"\} [1-9]/);
    expect(text).toContain('node_scrape_collector_success{collector="filesystem"} 1');
  }
  expect(statChildren(child.pid)).toHaveLength(1);

  dead.release();
  await eventually(async () => expect(await page()).not.toContain("mountpoint timeout"));
  expect(await child.stop()).toMatchObject({ code: 0 });
});
