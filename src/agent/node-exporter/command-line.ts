import type { z } from "zod";
import { hostExporterConfig } from "../../components/prometheus/exporter-unix.ts";
import { configOfFlags } from "../../config/flags.ts";
import { nodeExporterVersion } from "../../engines/host/host-exporter.ts";
import { describeError } from "../../lib/errors.ts";
import { readCommandLine, repeatedFlag, usageText } from "../../lib/kingpin.ts";
import { version } from "../../lib/version.ts";
import { type Draft, emptyDraft, type ProgramFlag, programFlags } from "./flags.ts";

export interface Settings extends Omit<Draft, "options" | "collectors" | "disableDefaults"> {
  readonly exporter: z.output<typeof hostExporterConfig>;
}

/** Something to print before the process ends, or what to run with. */
export type Reading =
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "refuse"; readonly text: string; readonly code: number }
  | { readonly kind: "run"; readonly settings: Settings };

const program = "node_exporter";

/** node_exporter's command line. Exit codes are its own: 1 for a mistake in a flag, 2 for options that cannot work. */
export function readNodeExporterFlags(argv: readonly string[], readFile: (path: string) => string): Reading {
  const flags = programFlags();
  const { given, mistake } = readCommandLine(argv, flags, readFile);
  const isGiven = (name: string) => given.some(({ flag }) => flag.name === name);
  if (isGiven("version")) return { kind: "print", text: versionText() };
  if (mistake !== undefined) return refuse(mistake);
  if (isGiven("help")) return { kind: "print", text: usageText(program, flags) };
  const repeated = repeatedFlag(given);
  if (repeated !== undefined) return refuse(repeated);
  const draft = emptyDraft();
  try {
    for (const { flag, value } of given) flag.apply(draft, value);
    return check(draft, exporterConfigOf(draft), flags);
  } catch (error) {
    return refuse(describeError(error));
  }
}

/** The config of prometheus.exporter.unix that says the same. */
export function exporterConfigOf({ options, collectors, disableDefaults }: Draft): Record<string, unknown> {
  const named = (isOn: boolean) => [...collectors].filter(([, value]) => value === isOn).map(([name]) => name);
  return {
    ...configOfFlags(options),
    ...(disableDefaults && { set_collectors: [] }),
    enable_collectors: named(true),
    disable_collectors: named(false),
  };
}

function check(draft: Draft, config: Record<string, unknown>, flags: readonly ProgramFlag[]): Reading {
  const twice = givenByTwoNames(draft);
  if (twice !== undefined) return cannotWork(twice);
  const result = hostExporterConfig.safeParse(config);
  if (!result.success) return cannotWork(result.error.issues.map((issue) => describeIssue(issue, draft)).join("; "));
  const { options: _, collectors: __, disableDefaults: ___, ...rest } = draft;
  const fallback = flags.find(({ name }) => name === "web.listen-address")?.default ?? "";
  const listenAddresses = rest.listenAddresses.length === 0 ? [fallback] : rest.listenAddresses;
  return { kind: "run", settings: { ...rest, listenAddresses, exporter: result.data } };
}

/** An old name and its new one for the same option: which of them counts, nobody can know. */
function givenByTwoNames({ options }: Draft): string | undefined {
  for (const { flag } of options) {
    if (flag.insteadOf === undefined) continue;
    if (options.some((other) => other.flag.name === flag.insteadOf)) {
      return `--${flag.name} and --${flag.insteadOf} are mutually exclusive`;
    }
  }
  return undefined;
}

function describeIssue({ path, message }: z.core.$ZodIssue, { options }: Draft): string {
  const given = options.find(({ flag }) => flag.path.every((key, at) => key === path[at]));
  return given === undefined ? `${path.join(".")}: ${message}` : `--${given.flag.name}: ${message}`;
}

function refuse(mistake: string): Reading {
  return { kind: "refuse", code: 1, text: `${program}: error: ${mistake}, try --help\n` };
}

/** Upstream panics. */
function cannotWork(reason: string): Reading {
  return {
    kind: "refuse",
    code: 2,
    text: `Couldn't create metrics handler: couldn't create collector: ${reason}\n`,
  };
}

/** The version is that of the node_exporter whose metrics these are: it is what scripts look for. */
function versionText(): string {
  const { platform, arch } = process;
  return `${program}, version ${nodeExporterVersion} (branch: sonde, revision: ${version})
  node version:     ${process.version}
  platform:         ${platform}/${arch === "x64" ? "amd64" : arch}
`;
}
