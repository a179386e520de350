import { expect, test } from "vitest";
import { parseCpuinfo } from "../../../src/formats/procfs/cpuinfo.ts";

const unknown = {
  package: "",
  core: "",
  vendor: "",
  family: "",
  model: "",
  modelName: "",
  microcode: "",
  stepping: "",
  cacheSize: "",
  mhz: 0,
  flags: [],
  bugs: [],
};

test("x86 names each CPU in full", () => {
  const block = (cpu: number, core: number) => `processor	: ${cpu}
vendor_id	: AuthenticAMD
cpu family	: 26
model		: 2
model name	: AMD EPYC : Turin
stepping	: 1
microcode	: 0x1000065
cpu MHz		: 2596.096
cache size	: 1024 KB
physical id	: 0
siblings	: 2
core id		: ${core}
fpu		: yes
flags		: fpu vme  sse2
bugs		: spectre_v1 srso
power management:

`;
  const common = {
    package: "0",
    vendor: "AuthenticAMD",
    family: "26",
    model: "2",
    modelName: "AMD EPYC : Turin",
    microcode: "0x1000065",
    stepping: "1",
    cacheSize: "1024 KB",
    mhz: 2596.096,
    flags: ["fpu", "vme", "sse2"],
    bugs: ["spectre_v1", "srso"],
  };
  expect(parseCpuinfo(block(0, 0) + block(1, 4))).toEqual([
    { ...common, cpu: "0", core: "0" },
    { ...common, cpu: "1", core: "4" },
  ]);
});

test("arm64 has only numbers and features", () => {
  const text = `processor	: 0
BogoMIPS	: 243.75
Features	: fp asimd
CPU implementer	: 0x41

processor	: 1
BogoMIPS	: 243.75
Features	: fp asimd
`;
  expect(parseCpuinfo(text)).toEqual([
    { ...unknown, cpu: "0", flags: ["fp", "asimd"] },
    { ...unknown, cpu: "1", flags: ["fp", "asimd"] },
  ]);
});

test("old arm kernels name the model once and the features last", () => {
  const text = `Processor	: ARMv7 rev 4
processor	: 0
BogoMIPS	: 50.52

processor	: 1
BogoMIPS	: 50.52

Features	: swp half
Hardware	: Example
`;
  expect(parseCpuinfo(text)).toEqual([
    { ...unknown, modelName: "ARMv7 rev 4", cpu: "0", flags: ["swp", "half"] },
    { ...unknown, modelName: "ARMv7 rev 4", cpu: "1", flags: ["swp", "half"] },
  ]);
});

test("a CPU without a number fails", () => {
  expect(() => parseCpuinfo("processor	: first\n")).toThrow(
    new Error('cannot parse cpuinfo: unexpected line "processor\\t: first"'),
  );
});

const summary = (text: string) =>
  parseCpuinfo(text).map(({ cpu, core, vendor, modelName, mhz, flags }) =>
    [cpu, core, vendor, modelName, mhz, flags.join("+")].join("|"),
  );

test("other architectures have words of their own", () => {
  const f = (text: string, want: string[]) => expect(summary(text)).toEqual(want);

  f(
    "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2900.000000MHz\n\nprocessor\t: 8\nclock\t\t: 2901.5MHz\n\ntimebase\t: 512000000\n",
    ["0||POWER9, altivec supported||2900|", "8||||2901.5|"],
  );
  f("processor\t: 0\nhart\t\t: 3\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n", ["0|3||rv64imafdc|0|"]);
  f("system type\t\t: A board\nprocessor\t\t: 0\ncpu model\t\t: A core V1.5\n", ["0||A board|A core V1.5|0|"]);
});

test("s390 lists its CPUs first and tells of each further down", () => {
  const text =
    "vendor_id       : IBM/S390\n# processors    : 2\nfeatures\t: esan3 zarch\n" +
    "processor 0: version = FF,  identification = 1234,  machine = 3931\n" +
    "processor 1: version = FF,  identification = 1234,  machine = 3931\n\n" +
    "cpu number      : 0\nphysical id     : 2\ncore id         : 0\ncpu MHz dynamic : 5200\ncpu MHz static  : 5000\n\n" +
    "cpu number      : 1\ncore id         : 7\ncpu MHz dynamic : 5100\n";
  expect(summary(text)).toEqual(["0|0|IBM/S390||5200|esan3+zarch", "1|7|IBM/S390||5100|esan3+zarch"]);
});
