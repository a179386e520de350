import { parseTimex, type Timex } from "../../formats/procfs/timex.ts";
import type { CoProcess } from "../../lib/co-process.ts";
import { errorCode } from "./error-code.ts";
import type { HelperPrograms } from "./helper-programs.ts";

/**
 * Node cannot call adjtimex(2), and no file has what it says; perl can, and is part of every Debian and Ubuntu (perl-base).
 * It asks only (modes is 0). The number of the call is that of the ABI perl was built for; `x![l!]` is the padding of C.
 */
export const perl = `
use Config;
$| = 1;
my %number = (x86_64 => 159, map({ $_ => 171 } qw(aarch64 riscv64 loongarch64)),
  map({ $_ => 124 } qw(i386 i486 i586 i686 arm powerpc powerpc64 powerpc64le s390x)));
my ($abi) = split /-/, $Config{archname};
my $call = $number{$abi} or die;
while (<STDIN>) {
  my $timex = "\\0" x 512;
  my $state = syscall($call, $timex);
  print join(" ", $state, $state < 0 ? $! + 0 : unpack("i x![l!] l!4 i x![l!] l!8 i x![l!] l!5 i", $timex)), "\\n";
}`;

/** The same for a host without perl. */
export const python = `
import ctypes, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
for _ in iter(sys.stdin.readline, ""):
    timex = ctypes.create_string_buffer(512)
    state = libc.adjtimex(timex)
    print(state, *([ctypes.get_errno()] if state < 0 else struct.unpack_from("@i4li8li5li", timex)), flush=True)
`;

/**
 * Asks the kernel's clock by a process that stays: the first of perl and python3 that this host has. Where this process and
 * its children may not (ProtectClock= of systemd), a service does: packaging/systemd/sonde-clock@.service.
 */
export class Adjtimex {
  readonly #programs: CoProcess[];
  readonly #remedy: string;

  constructor(helpers: HelperPrograms) {
    const { clockSocket } = helpers;
    if (clockSocket !== undefined) {
      this.#programs = [helpers.service(clockSocket)];
      this.#remedy = `there is no ${clockSocket}: start sonde-clock.socket or disable the collector`;
      return;
    }
    this.#programs = [helpers.coProcess("perl", ["-e", perl]), helpers.coProcess("python3", ["-c", python])];
    this.#remedy = "neither perl nor python3 is on the PATH: install perl-base or disable the collector";
  }

  /** Rejects if neither is there or neither answers. */
  async ask(): Promise<Timex | { readonly errno: number }> {
    for (const program of this.#programs) {
      try {
        return parseTimex(await program.ask(""));
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
      }
    }
    throw new Error(this.#remedy);
  }
}
