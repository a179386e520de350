import { z } from "zod";
import { duration, positiveDuration } from "../fields.ts";

/** How often new files are searched for, and which are too old. */
export const fileMatchFields = {
  sync_period: positiveDuration.prefault("10s").describe("Time between two searches for files."),
  ignore_older_than: duration
    .prefault("0s")
    .describe("Files whose last write is longer ago are left alone; 0s takes all."),
};

/** What a pattern may say, for the documents of those who take one. */
export const globWords =
  "`*` and `?` within an element, `[a-z]`, `{a,b}`, `**` for any number of folders, and `\\` before a sign that means itself";

export const labels = z.record(z.string().min(1), z.string());
