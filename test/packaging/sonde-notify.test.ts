import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProcess, TestProcess } from "../support/process.ts";
import { tempDir } from "../support/temp-dir.ts";

const command = join(import.meta.dirname, "../../packaging/systemd/sonde-notify");

/** Prints who sent each datagram, and what. It has a socket in the file system, as systemd has. */
const receiver = `
  use Socket;
  $| = 1;
  socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($socket, pack_sockaddr_un($ARGV[0])) or die $!;
  print "bound\\n";
  while (defined recv($socket, my $text, 4096, 0)) { print "got $text\\n"; }
`;

/** How an interpreter says where it lies, which need not be where the PATH leads. */
const interpreters = { perl: ["-e", "print $^X"], python3: ["-c", "import sys; print(sys.executable)"] };

for (const [interpreter, whereabouts] of Object.entries(interpreters)) {
  test(`the program gets a descriptor on which systemd hears it, by ${interpreter}`, async () => {
    using dir = tempDir();
    const only = join(dir.path, "bin");
    mkdirSync(only);
    symlinkSync((await runProcess(interpreter, whereabouts)).stdout.trim(), join(only, interpreter));
    symlinkSync("/bin/sh", join(only, "sh"));
    const socket = join(dir.path, "notify");
    const systemd = new TestProcess("perl", ["-e", receiver, socket]);
    await systemd.output(/bound/);

    const script = `echo "$0 $1"; printf READY=1 >&$SONDE_NOTIFY_FD; exit 7`;
    const env = { PATH: only, NOTIFY_SOCKET: socket };
    const { code, stdout, stderr } = await runProcess(command, [join(only, "sh"), "-c", script, "two words", "more"], {
      env,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: "two words more\n", stderr: "" });
    await systemd.output(/^got READY=1$/m);
    systemd.kill("SIGKILL");
    await systemd.exited;
  });
}

test("without systemd the program is simply started", async () => {
  const { code, stdout } = await runProcess(command, ["/bin/sh", "-c", "echo $SONDE_NOTIFY_FD; exit 3"], {
    env: { NOTIFY_SOCKET: "" },
  });
  expect({ code, stdout }).toEqual({ code: 3, stdout: "\n" });
});

test("where nothing can open the socket, the start fails and says why", async () => {
  using dir = tempDir();
  const env = { PATH: dir.path, NOTIFY_SOCKET: "/run/notify" };
  expect(await runProcess(command, ["/bin/true"], { env })).toMatchObject({
    code: 1,
    stderr: "sonde-notify: there is neither perl nor python3 to open /run/notify\n",
  });
});
