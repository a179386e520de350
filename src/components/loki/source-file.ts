import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { ConfigError, type Context, counter, defineComponent, gauge } from "../../component.ts";
import { file } from "../../config/fields/file.ts";
import { fileMatchFields, globWords, labels } from "../../config/fields/file-match.ts";
import { positiveDuration } from "../../config/fields.ts";
import { encodingNamed } from "../../engines/tail/encoding.ts";
import { NetworkFiles } from "../../engines/tail/network-files.ts";
import { networkMountsNow } from "../../engines/tail/network-mounts-now.ts";
import type { TailTarget } from "../../engines/tail/path-set.ts";
import { realTailFiles } from "../../engines/tail/tail-files.ts";
import type { TailMeters } from "../../engines/tail/tail-meters.ts";
import type { TailOptions } from "../../engines/tail/tail-options.ts";
import { Tailer } from "../../engines/tail/tailer.ts";
import { entryLabels, patternIn, tailTarget } from "../../engines/tail/target-paths.ts";
import { legacyOffsets } from "../../formats/positions/legacy-positions.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { describeError } from "../../lib/errors.ts";
import { labelsFrom } from "../../signals/labels.ts";
import type { Target } from "../../signals/targets.ts";

const metrics = {
  readBytes: gauge("loki_source_file_read_bytes_total", "How far a file is read, in bytes.", ["path"]),
  fileBytes: gauge("loki_source_file_file_bytes_total", "Size of a file, in bytes.", ["path"]),
  lines: counter("loki_source_file_read_lines_total", "Entries of a file that receivers took.", ["path"]),
  active: gauge("loki_source_file_files_active_total", "Files that are followed."),
  truncated: counter("loki_source_file_truncated_lines_total", "Entries that end within a line longer than 256 KiB."),
  invalid: counter("loki_source_file_invalid_lines_total", "Entries with bytes that are no text of the encoding."),
  nulBytes: counter("loki_source_file_nul_bytes_total", "Bytes of NUL runs that were left out."),
  lost: counter("loki_source_file_lost_bytes_total", "Bytes removed or overwritten before they were read."),
  failures: counter("loki_source_file_failures_total", "Looks, reads and hand-overs that failed and are tried again."),
};

const config = z.strictObject({
  paths: z
    .array(file)
    .default([])
    .describe(`Patterns of files, relative to the folder of the config file: ${globWords}.`),
  exclude: z.array(file).default([]).describe("Patterns of files of `paths` that are left alone."),
  labels: labels.default({}).describe("Labels for the entries of `paths`. The label `filename` comes by itself."),
  encoding: z
    .string()
    .default("")
    .refine(
      (name) => encodingNamed(name) !== undefined,
      "there is no such encoding; write utf-16le, iso-8859-1 or the like",
    )
    .describe("Encoding of files without a byte order mark, by its IANA name; UTF-8 where it is empty."),
  tail_from_end: z
    .boolean()
    .default(false)
    .describe(
      "At the very first start, begin at the end of the files that there are. Later ones are read from their beginning.",
    ),
  on_positions_file_error: z
    .enum(["restart_from_beginning", "restart_from_end"])
    .default("restart_from_beginning")
    .describe("Where to begin with files when the saved positions are damaged."),
  legacy_positions_file: file
    .optional()
    .describe("Positions of promtail or Alloy, taken over at the very first start; stop the other agent before."),
  file_match: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe("Whether `__path__` of targets may be a pattern; `paths` always may."),
      ...fileMatchFields,
    })
    .prefault({})
    .describe("How files are searched for."),
  file_watch: z
    .strictObject({
      min_poll_frequency: positiveDuration.prefault("250ms").describe("Between two looks at a file that changes."),
      max_poll_frequency: positiveDuration
        .prefault("10s")
        .describe(
          "Between two looks at a file that has not changed for long. A change that the kernel tells of is seen sooner.",
        ),
    })
    .refine(
      (watch) => watch.min_poll_frequency <= watch.max_poll_frequency,
      "min_poll_frequency must not be longer than max_poll_frequency",
    )
    .prefault({})
    .describe("How often files are looked at."),
  decompression: z
    .strictObject({
      enabled: z.boolean().describe("Whether archives are unpacked."),
      format: z.enum(["gz", "z", "zst"]).describe("The format of the archives."),
    })
    .optional()
    .describe(
      "Archives among the files; without it they are left alone. Each is read once, and then again what is added to it.",
    ),
});

export const lokiSourceFile = defineComponent({
  type: "loki.source.file",
  summary: "Tails files: every line becomes a log entry.",
  description:
    "Files are known by their device, inode and content, not by their name: rotation by renaming, by copying and " +
    "truncating, by compressing, and several rotations while the agent or the receiver is down lose no line and repeat none. " +
    "A position moves only once the receiver has the entries safe; while it has not, reading waits and the file is the " +
    "buffer. What was rotated away is looked for in the same folder, within `paths` or not.\n\n" +
    "An unfinished last line waits for its end; it is taken as it is a minute after the file was rotated away, or half a " +
    "minute after it was deleted. A line longer than 256 KiB becomes several entries: each that the next one goes on with " +
    'has the structured metadata `truncated="true"`. Runs of NULs are left out; bytes that are no text become U+FFFD. UTF-16 ' +
    "is known by its byte order mark. A network file system whose server is gone holds up its own files only, and makes the " +
    "component unhealthy; a symbolic link into one is not seen through. Positions are saved every ten seconds and at a stop: " +
    "after a crash, what was acknowledged in the last seconds comes again.",
  accepts: "targets",
  targetsOptional: true,
  emits: "logs",
  metrics,
  config,
  example: `
loki.source.file.var_log:
  paths: ["/var/log/*.log", "/var/log/nginx/**/*.log"]
  exclude: ["/var/log/nginx/debug*.log"]
  labels: { job: varlogs }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create(config, context) {
    const { configDir, log } = context;
    const own = ownTargets(config, configDir);
    const options = optionsOf(config, context);
    let received: readonly TailTarget[] = [];
    let tailer: Tailer | undefined;

    function patternsOf(target: Target): TailTarget[] {
      try {
        return [tailTarget(target, configDir, config.file_match.enabled) ?? []].flat();
      } catch (error) {
        log.warn("a target's `__path__` is no pattern", { error: describeError(error) });
        return [];
      }
    }

    return {
      input: {
        async receive(groups) {
          received = groups.flatMap(({ targets }) => targets.flatMap(patternsOf));
          tailer?.setTargets([...own, ...received]);
        },
      },
      async run(stop) {
        tailer = new Tailer(options);
        tailer.setTargets([...own, ...received]);
        await tailer.run(stop);
      },
      debug: () => tailer?.debug() ?? {},
    };
  },
});

type Config = z.output<typeof config>;
type FileContext = Context<"logs", typeof metrics>;

function ownTargets({ paths, exclude, labels }: Config, configDir: string): readonly TailTarget[] {
  try {
    const excludes = exclude.map((path) => patternIn(configDir, path));
    const own = entryLabels(labelsFrom(labels));
    return paths.map((path) => ({ pattern: patternIn(configDir, path), excludes, labels: own }));
  } catch (error) {
    throw new ConfigError(`paths: ${describeError(error)}`);
  }
}

function optionsOf(config: Config, context: FileContext): TailOptions {
  const { encoding, file_match, file_watch, decompression } = config;
  const known = encodingNamed(encoding);
  if (known === undefined) throw new ConfigError(`there is no encoding ${encoding}`);
  const { clock } = context.world;
  return {
    files: new NetworkFiles({ files: realTailFiles, clock, mountOf: networkMountsNow(clock) }),
    disk: realDisk,
    dataDir: context.dataDir,
    clock,
    log: context.log,
    output: context.output,
    meters: metersOf(context),
    setHealth: (isHealthy, reason) => context.setHealth(isHealthy ? "healthy" : "unhealthy", reason),
    encoding: known,
    fromEnd: config.tail_from_end,
    fromEndIfDamaged: config.on_positions_file_error === "restart_from_end",
    decompression: decompression?.enabled ? decompression.format : undefined,
    legacy: () => legacyPositions(config, context),
    minPollMs: file_watch.min_poll_frequency,
    maxPollMs: file_watch.max_poll_frequency,
    syncMs: file_match.sync_period,
    ignoreOlderThanMs: file_match.ignore_older_than,
    maxOpenFiles: 512,
    limits: { reading: 16, unacknowledged: 8 * 2 ** 20 },
  };
}

function metersOf({ metrics }: FileContext): TailMeters {
  return {
    readBytes: (path, offset) => metrics.readBytes.set({ path }, offset),
    fileBytes: (path, size) => metrics.fileBytes.set({ path }, size),
    lines: (path, count) => metrics.lines.inc({ path }, count),
    truncated: (count) => metrics.truncated.inc(count),
    invalid: (count) => metrics.invalid.inc(count),
    nulBytes: (count) => metrics.nulBytes.inc(count),
    lost: (bytes) => metrics.lost.inc(bytes),
    failure: () => metrics.failures.inc(),
    active: (files) => metrics.active.set(files),
    forget(path) {
      for (const meter of [metrics.readBytes, metrics.fileBytes, metrics.lines]) meter.remove({ path });
    },
  };
}

/** A help for moving in: where it cannot be read, files are begun with as if there were none. */
async function legacyPositions(
  { legacy_positions_file: path }: Config,
  { configDir, log }: FileContext,
): Promise<ReadonlyMap<string, number>> {
  if (path === undefined) return new Map();
  try {
    const positions = legacyOffsets(await readFile(resolve(configDir, path), "utf8"));
    log.info("positions of the former agent are taken over", { path, files: positions.size });
    return positions;
  } catch (error) {
    log.warn("positions of the former agent cannot be read", { path, error: describeError(error) });
    return new Map();
  }
}
