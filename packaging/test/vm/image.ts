import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../build/root.ts";

/** What a machine boots from. */
export interface Image {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The private key that root of the machine knows. */
  readonly key: string;
}

const cache = join(root, ".cache/vm");

/** By name: what `stable` means changes, and with it the kernel. That of trixie panicked while it booted under tcg. */
const suite = "bookworm";

const packages = [
  "systemd-sysv",
  "dbus",
  "udev",
  "init-system-helpers",
  "openssh-server",
  "initramfs-tools",
  "linux-image-cloud-amd64",
  "kmod",
];

const files: Readonly<Record<string, string>> = {
  "etc/hostname": "vm\n",
  "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
  "etc/systemd/network/wired.network": "[Match]\nType=ether\n\n[Network]\nDHCP=yes\n",
  "etc/ssh/sshd_config.d/test.conf": "PermitRootLogin prohibit-password\nUseDNS no\n",
};

/** A Debian with its own kernel, on a fresh disk. debootstrap runs once; it needs root. */
export function buildImage(): Image {
  const tree = bootstrapped();
  const key = join(cache, "key");
  if (!existsSync(key)) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text);
  execFileSync("install", ["-D", "-m", "600", `${key}.pub`, join(tree, "root/.ssh/authorized_keys")]);
  execFileSync("chroot", [tree, "systemctl", "--quiet", "enable", "systemd-networkd", "ssh"]);

  const disk = join(cache, "disk.img");
  rmSync(disk, { force: true });
  execFileSync("mke2fs", ["-q", "-t", "ext4", "-d", tree, disk, "3G"]);
  const boot = (prefix: string) =>
    join(tree, "boot", readdirSync(join(tree, "boot")).find((name) => name.startsWith(prefix)) ?? prefix);
  return { disk, kernel: boot("vmlinuz"), initrd: boot("initrd"), key };
}

/** The folder with the system that is put on the disk. */
export function bootstrapped(): string {
  const tree = join(cache, suite);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(tree)) bootstrap(tree);
  return tree;
}

function bootstrap(tree: string): void {
  const unfinished = `${tree}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const args = ["--variant=minbase", `--include=${packages.join(",")}`, suite, unfinished];
  execFileSync("debootstrap", args, { stdio: ["ignore", "ignore", "inherit"] });
  renameSync(unfinished, tree);
}
