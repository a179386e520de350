import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Image } from "./image.ts";

export interface Answer {
  readonly code: number;
  /** Standard output and error, as they came. */
  readonly text: string;
}

/**
 * A virtual machine. It reaches this one, loopback only, as 10.0.2.2. It is asked over ssh, which waits until the machine
 * has come up.
 */
export class Machine {
  readonly #image: Image;
  readonly #port: number;
  readonly #log: string;
  #qemu: ChildProcess | undefined;

  constructor(image: Image, port: number, log: string) {
    this.#image = image;
    this.#port = port;
    this.#log = log;
  }

  /** How instructions are carried out: `tcg`, by software, which is slow and works everywhere; or `kvm`. */
  static readonly accelerator = process.env.VM_ACCELERATOR ?? "tcg";

  async boot(): Promise<void> {
    const { disk, kernel, initrd } = this.#image;
    const log = openSync(this.#log, "a");
    this.#qemu = spawn(
      "qemu-system-x86_64",
      [
        ...["-accel", Machine.accelerator, "-cpu", "max", "-m", "1024", "-smp", "2", "-display", "none", "-no-reboot"],
        ...["-kernel", kernel, "-initrd", initrd, "-append", "root=/dev/vda rw console=ttyS0 panic=1"],
        // Only what the guest has flushed outlives this process.
        ...["-drive", `file=${disk},format=raw,if=virtio,cache=writeback`],
        ...["-netdev", `user,id=n,hostfwd=tcp:127.0.0.1:${this.#port}-:22`, "-device", "virtio-net-pci,netdev=n"],
        ...["-serial", "stdio", "-monitor", "none"],
      ],
      { stdio: ["ignore", log, log] },
    );
    await this.#reachable();
  }

  /** Takes the power away: nothing in the machine can react. */
  async cutPower(): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined || !this.#isOn) return;
    const ended = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await ended;
  }

  /** Runs a command of the shell as root. */
  run(command: string): Promise<Answer> {
    return call("ssh", [...this.#sshOptions("-p"), "root@127.0.0.1", command]);
  }

  /** Runs a command that must succeed; its output. */
  async must(command: string): Promise<string> {
    const { code, text } = await this.run(command);
    if (code !== 0) throw new Error(`${command} ended with ${code}:\n${text}`);
    return text.trim();
  }

  async copy(from: string, to: string): Promise<void> {
    const { code, text } = await call("scp", [...this.#sshOptions("-P"), from, `root@127.0.0.1:${to}`]);
    if (code !== 0) throw new Error(`cannot copy ${from} into the machine:\n${text}`);
  }

  get #isOn(): boolean {
    return this.#qemu?.exitCode === null && this.#qemu.signalCode === null;
  }

  async #reachable(): Promise<void> {
    const deadline = Date.now() + 600_000;
    while ((await this.run("systemctl is-system-running --wait >/dev/null; true")).code !== 0) {
      if (!this.#isOn) throw new Error(`the machine has ended: see ${this.#log}`);
      if (Date.now() > deadline) throw new Error(`the machine does not come up: see ${this.#log}`);
      await sleep(500);
    }
  }

  #sshOptions(portFlag: string): string[] {
    const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=5"];
    return [...options.flatMap((option) => ["-o", option]), "-i", this.#image.key, portFlag, String(this.#port)];
  }
}

async function call(command: string, args: readonly string[]): Promise<Answer> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...args]);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, text: stdout + stderr };
  }
}
