import { z } from "zod";
import { defineComponent } from "../../component.ts";
import type { Matcher } from "../../engines/processes/matcher.ts";
import { compileNameTemplate } from "../../engines/processes/name-template.ts";
import { ProcessExporter } from "../../engines/processes/process-exporter.ts";
import { userNames } from "../../engines/processes/user-names.ts";
import { describeError } from "../../lib/errors.ts";
import { compileRe2 } from "../../lib/re2.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { exporterTarget, type Gather } from "../../signals/targets.ts";

const pattern = z.string().superRefine(compiles(compileRe2, "not a regular expression (RE2)"));

const matcher = z
  .strictObject({
    name: z
      .string()
      .min(1, "a name cannot be empty")
      .superRefine(compiles(compileNameTemplate, "not a name"))
      .default("{{.ExeBase}}")
      .describe(
        "Name of the group. Made of text and of `{{.Comm}}`, `{{.ExeBase}}`, `{{.ExeFull}}`, `{{.Username}}`, " +
          "`{{.Cgroups}}`, `{{.PID}}`, `{{.StartTime}}` and `{{.Matches.<name>}}`, which is what a named group of `cmdline` caught.",
      ),
    comm: z.array(z.string()).min(1).optional().describe("Commands, at most 15 characters each."),
    exe: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("First arguments: a name alone is any path with that end, with a slash it is the whole."),
    cmdline: z
      .array(pattern)
      .min(1)
      .optional()
      .describe("Regular expressions (RE2) that must all match the command line."),
  })
  .refine(({ comm, exe, cmdline }) => comm !== undefined || exe !== undefined || cmdline !== undefined, {
    error: "a matcher needs at least one of comm, exe and cmdline",
  });

export const prometheusExporterProcess = defineComponent({
  type: "prometheus.exporter.process",
  summary: "Offers what groups of processes use as a target: process-exporter, in this process.",
  description:
    "A process belongs to the first matcher that matches; all that a matcher has must match. Counters count from the " +
    "moment a process is first seen, and outlive it. What of other users' processes may not be read (open files, bytes " +
    "read and written) is left out and counted in `namedprocess_scrape_partial_errors`.",
  emits: "targets",
  config: z.strictObject({
    procfs_path: z.string().default("/proc").describe("Where procfs is mounted."),
    track_children: z
      .boolean()
      .default(true)
      .describe("Descendants of a process belong to its group, unless they match by themselves."),
    track_threads: z.boolean().default(true).describe("Also by the names of threads."),
    gather_smaps: z
      .boolean()
      .default(true)
      .describe("Proportional memory from `smaps_rollup`, which costs the kernel a walk through all pages."),
    recheck_on_scrape: z
      .boolean()
      .default(true)
      .describe("Looks at the names of known processes again at each scrape: they may have changed."),
    remove_empty_groups: z.boolean().default(false).describe("Forgets a group that has no processes any more."),
    matchers: z
      .array(matcher)
      .default([{ name: "{{.Comm}}", cmdline: [".+"] }])
      .describe("Which processes are shown, and under what name. The default is every program, by its command."),
  }),
  example: `
prometheus.exporter.process.apps:
  matchers:
    - comm: [postgres]
    - name: "{{.ExeBase}}:{{.Matches.app}}"
      cmdline: ['java .*-Dapp=(?P<app>\\S+)']

prometheus.expose.local:
  targets: [prometheus.exporter.process.apps]
`,

  create(config, { id, output, world, setHealth }) {
    const exporter = new ProcessExporter({
      procfs: config.procfs_path,
      clock: world.clock,
      userNames,
      matchers: config.matchers.map(compileMatcher),
      trackChildren: config.track_children,
      trackThreads: config.track_threads,
      gatherSmaps: config.gather_smaps,
      recheck: config.recheck_on_scrape,
      removeEmptyGroups: config.remove_empty_groups,
    });
    const gather: Gather = async () => {
      try {
        const families = await exporter.gather();
        setHealth("healthy");
        return families;
      } catch (error) {
        setHealth("unhealthy", `cannot read the processes: ${describeError(error)}; check procfs_path`);
        throw error;
      }
    };
    const target = exporterTarget(id, "process", world.hostname, gather);

    return {
      async run(stop) {
        await output.receive([{ source: id, targets: [target] }]);
        // What processes used before now is not this agent's to count. A scrape says so if there are none.
        await exporter.update().catch(() => {});
        await untilAborted(stop);
      },
      debug: () => ({ groups: exporter.groups() }),
    };
  },
});

function compileMatcher({ name, comm, exe, cmdline }: z.output<typeof matcher>): Matcher {
  return { name: compileNameTemplate(name), comm, exe, cmdline: cmdline?.map(compileRe2) };
}

function compiles(compile: (text: string) => unknown, problem: string) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      compile(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: `${problem}: ${describeError(error)}` });
    }
  };
}
