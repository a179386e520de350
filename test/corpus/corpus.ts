import { httpCorpus } from "./http.ts";
import { jobCorpus } from "./job-cases.ts";
import { nhcbCorpus } from "./nhcb.ts";
import { openMetricsCorpus } from "./open-metrics.ts";
import { protobufCorpus } from "./protobuf.ts";
import type { ScrapeCase } from "./scrape-case.ts";
import { textCorpus } from "./text.ts";

/** All cases of the corpus. `now` is the time, in milliseconds, that timestamps on pages are ahead of. */
export function scrapeCorpus(now: number): ScrapeCase[] {
  return [
    ...textCorpus(now),
    ...openMetricsCorpus(now),
    ...protobufCorpus(now),
    ...nhcbCorpus(now),
    ...httpCorpus(),
    ...jobCorpus(now),
  ];
}

/** The part of the name before the colon. */
export function categoryOf({ name }: ScrapeCase): string {
  return name.slice(0, name.indexOf(":"));
}
