import { describeError } from "../../../lib/errors.ts";
import type { Logger } from "../../../lib/logger.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import { readTextFiles } from "../text-files.ts";

const mtime = gauge("node_textfile_mtime_seconds", "Unixtime mtime of textfiles successfully read.");
const scrapeError = gauge(
  "node_textfile_scrape_error",
  "1 if there was an error opening or reading a file, 0 otherwise",
);

/** What is wrong with a file makes no failed collector: the family scrape_error and the log say it. */
export const textfile: CollectorSpec = {
  name: "textfile",
  enabledByDefault: true,

  create(_host, options, log) {
    let logged: ReadonlyMap<string, unknown> = new Map();
    return async (emit) => {
      const { families, mtimes, errors } = await readTextFiles(options.textfile.directories);
      for (const family of families) {
        for (const { labels, name, value } of family.samples) emit(family, labels, value, name);
      }
      for (const [file, seconds] of mtimes) emit(mtime, ["file", file], seconds);
      emit(scrapeError, noLabels, errors.size > 0 ? 1 : 0);
      logChanges(log, logged, errors);
      logged = errors;
    };
  },
};

/** A line when something goes wrong and when it goes right again, not one per scrape. */
function logChanges(log: Logger, before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): void {
  for (const [path, error] of now) {
    const text = describeError(error);
    if (before.has(path) && describeError(before.get(path)) === text) continue;
    log.error("cannot read the text file or folder", { collector: "textfile", path, error: text });
  }
  for (const path of before.keys())
    if (!now.has(path)) log.info("the text file is read again", { collector: "textfile", path });
}
