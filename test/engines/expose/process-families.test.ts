import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProcessFamilies } from "../../../src/engines/expose/process-families.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { tempDir } from "../../support/temp-dir.ts";

function gathered(procfs: string) {
  const families = new ProcessFamilies(procfs);
  try {
    return families.gather();
  } finally {
    families.close();
  }
}

test("the process is described as Prometheus' client libraries describe one", () => {
  using dir = tempDir();
  const write = (path: string, text: string) => writeFileSync(join(dir.path, path), text);
  mkdirSync(join(dir.path, "self/fd"), { recursive: true });
  mkdirSync(join(dir.path, "self/net"));
  for (const fd of ["0", "1", "2"]) write(`self/fd/${fd}`, "");
  write("stat", "cpu  1 2 3 4\nbtime 1700000000\n");
  write(
    "self/stat",
    "4242 (a (strange) name) S 1 1 1 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 11 0 12345 99 77 18446744073709551615\n",
  );
  write("self/status", "Name:\ta\nVmSize:\t  500000 kB\nVmRSS:\t   60000 kB\n");
  write(
    "self/limits",
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
      "Max open files            1024                 524288               files     \n" +
      "Max address space         unlimited            unlimited            bytes     \n",
  );
  write("self/net/netstat", "TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 111 222\n");

  expect(renderFamilies(gathered(dir.path))).toBe(`\
# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 3
# HELP process_max_fds Maximum number of open file descriptors.
# TYPE process_max_fds gauge
process_max_fds 1024
# HELP process_network_receive_bytes_total Number of bytes received by the process over the network.
# TYPE process_network_receive_bytes_total counter
process_network_receive_bytes_total 111
# HELP process_network_transmit_bytes_total Number of bytes sent by the process over the network.
# TYPE process_network_transmit_bytes_total counter
process_network_transmit_bytes_total 222
# HELP process_open_fds Number of open file descriptors.
# TYPE process_open_fds gauge
process_open_fds 3
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 6.144e+07
# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.70000012345e+09
# HELP process_virtual_memory_bytes Virtual memory size in bytes.
# TYPE process_virtual_memory_bytes gauge
process_virtual_memory_bytes 5.12e+08
# HELP process_virtual_memory_max_bytes Maximum amount of virtual memory available in bytes.
# TYPE process_virtual_memory_max_bytes gauge
process_virtual_memory_max_bytes 1.8446744073709552e+19
`);
});

test("without /proc nothing is said", () => {
  expect(gathered("/nowhere")).toEqual([]);
});
