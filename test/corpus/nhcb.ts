import { encodeFamilies, familyTypes, histogram, labelPairs } from "./client-model.ts";
import { mutatedTexts } from "./mutations.ts";
import { classicHistogram, nativeHistograms } from "./native-histograms.ts";
import { comesAndGoes, openMetricsPage, type Page, protobufType, type ScrapeCase, textPage } from "./scrape-case.ts";
import { isSafeToServe } from "./text.ts";

/** Classic histograms that are to become native ones with custom buckets. */
export function nhcbCorpus(now: number): ScrapeCase[] {
  const soon = now + 300_000;
  const seconds = Math.floor(soon / 1000);
  const pages = {
    ...mapped(texts(soon), textPage),
    ...prefixed("OpenMetrics, ", mapped(openMetrics(seconds), openMetricsPage)),
    ...prefixed("protobuf, ", mapped({ ...nativeHistograms(seconds), ...protobuf(soon) }, protobufPage)),
  };
  const mutants = mutatedTexts(parents(soon), vocabulary, { count: 60, seed: 20_261_126, isWanted: isSafeToServe });
  const limited = Object.entries(pages).filter(([name]) => /bucket|label sets|with help|mistake|protobuf/.test(name));
  return [
    ...Object.entries({ ...pages, ...odd(seconds) }).map(([name, page]) => caseOf("nhcb", name, page)),
    ...mutants.map(({ name, body }) => caseOf("nhcb", name, textPage(body))),
    ...Object.entries(pages).map(([name, page]) => caseOf("nhcb and classic", name, page)),
    ...limited.map(([name, page]) => caseOf("nhcb with few buckets", name, page)),
  ];
}

function caseOf(job: string, name: string, page: Page): ScrapeCase {
  return { name: `${job.replace("nhcb", "nhcb:")}: ${name}`.replace("::", ":"), job, pages: comesAndGoes(page) };
}

const whole = `h_bucket{le="0.5"} 1
h_bucket{le="1"} 3
h_bucket{le="5"} 3
h_bucket{le="+Inf"} 7
h_sum 18.5
h_count 7
`;

const labelled = (label: string, first: number) => `h_bucket{a="${label}",le="1"} ${first}
h_bucket{a="${label}",le="+Inf"} 9
h_sum{a="${label}"} 3
h_count{a="${label}"} 9
`;

/** What mutants descend from, and the words that are put into them. */
const parents = (soon: number): Record<string, string> => ({
  "two families": `${typed(whole)}# TYPE g histogram\n${whole.replaceAll("h_", "g_")}`,
  "several label sets": typed(labelled("x", 1) + labelled("y", 2)),
  timestamps: typed(whole.replaceAll("\n", ` ${soon}\n`)),
});
const vocabulary = [
  ...["h_bucket", "h_sum", "h_count", "h", "histogram", "gauge", "le", "1", "0", "2.5", "-1", "+Inf", "NaN"],
  ...["# TYPE h histogram\n", "# TYPE g gauge\n", "# HELP h x\n", "\n", "\n\n", "#", '{a="x"}', '"', ","],
];

const texts = (soon: number): Record<string, string> => ({
  "whole counts": typed(whole),
  "with help": `# HELP h Text.\n${typed(whole)}# TYPE g gauge\ng 1\n`,
  "without a type": whole,
  "of another type": typed(whole, "counter"),
  "of a type that comes late": `${whole}# TYPE h histogram\n`,
  "of a family of another name": typed(whole).replace("TYPE h ", "TYPE g "),
  "the last line of the page is no newline": typed(whole).trimEnd(),
  "several label sets": typed(labelled("x", 1) + labelled("y", 2) + labelled("x y", 3)),
  "label sets that alternate": typed(
    'h_bucket{a="x",le="+Inf"} 1\nh_bucket{a="y",le="+Inf"} 2\nh_count{a="x"} 1\nh_count{a="y"} 2\n',
  ),
  "labels in another order": typed(
    'h_bucket{b="1",a="2",le="1"} 1\nh_bucket{le="+Inf",a="2",b="1"} 2\nh_sum{a="2",b="1"} 1\n',
  ),
  "empty labels": typed('h_bucket{a="",le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n'),
  "clash with target labels": typed('h_bucket{job="theirs",le="1"} 1\nh_bucket{job="theirs",le="+Inf"} 2\n'),
  "values of labels with escapes": typed('h_bucket{a="x\\"y\\\\z\\nü",le="+Inf"} 2\n'),
  "names in UTF-8": '# TYPE "h.ö" histogram\n{"h.ö_bucket","a b"="c",le="1"} 1\n{"h.ö_bucket","a b"="c",le="+Inf"} 2\n',
  "two families": `${typed(whole)}# TYPE g histogram\n${whole.replaceAll("h_", "g_")}`,
  "another family without a type behind it": `${typed(whole)}${whole.replaceAll("h_", "g_")}`,
  "a series of another name between": typed(`h_bucket{le="1"} 1\ng 5\nh_bucket{le="+Inf"} 2\nh_count 2\nh_sum 1\n`),
  "a series of the name itself": typed(`${whole}h 5\n`),
  "a series of the name itself before": typed(`h 5\n${whole}`),
  "a series of the name itself between": typed(`h_bucket{le="1"} 1\nh 5\nh_bucket{le="+Inf"} 2\nh_count 2\n`),
  "a created series": typed(`${whole}h_created 1700000000\n`),
  "a comment between": typed('h_bucket{le="1"} 1\n# Words.\nh_bucket{le="+Inf"} 2\nh_count 2\n'),
  "help between": typed('h_bucket{le="1"} 1\n# HELP h Text.\nh_bucket{le="+Inf"} 2\nh_count 2\n'),
  "an empty line between": typed('h_bucket{le="1"} 1\n\nh_bucket{le="+Inf"} 2\nh_count 2\n'),
  "the type again between": typed('h_bucket{le="1"} 1\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_count 2\n'),
  "twice the same": typed(whole + whole),
  "count and sum first": typed(`h_count 7\nh_sum 18.5\nh_bucket{le="1"} 3\nh_bucket{le="+Inf"} 7\n`),
  "buckets out of order": typed(
    `h_bucket{le="+Inf"} 7\nh_bucket{le="5"} 3\nh_bucket{le="0.5"} 1\nh_bucket{le="1"} 3\nh_count 7\n`,
  ),
  "buckets out of order that fall": typed(`h_bucket{le="+Inf"} 7\nh_bucket{le="5"} 3\nh_bucket{le="1"} 4\nh_count 7\n`),
  "a bucket twice": typed('h_bucket{le="1"} 1\nh_bucket{le="1"} 2\nh_bucket{le="1.0"} 2\nh_bucket{le="+Inf"} 3\n'),
  "no bucket of +Inf": typed('h_bucket{le="1"} 1\nh_bucket{le="2"} 2\nh_sum 3\nh_count 5\n'),
  "no bucket of +Inf and no count": typed('h_bucket{le="1"} 1\nh_bucket{le="2"} 2\nh_sum 3\n'),
  "no buckets": typed("h_sum 3\nh_count 5\n"),
  "a sum alone": typed("h_sum 3\n"),
  "a count alone": typed("h_count 3\n"),
  "no observations": typed('h_bucket{le="1"} 0\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n'),
  "the bucket of +Inf alone": typed('h_bucket{le="+Inf"} 2\n'),
  "bounds below zero": typed('h_bucket{le="-5"} 1\nh_bucket{le="0"} 2\nh_bucket{le="+Inf"} 3\n'),
  "a bound of -Inf": typed('h_bucket{le="-Inf"} 1\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "a bound of -Inf before others": `${typed('h_bucket{le="-Inf"} 1\nh_bucket{le="+Inf"} 3\n')}# TYPE g gauge\ng 1\n`,
  "a bound of NaN": typed('h_bucket{le="1"} 1\nh_bucket{le="NaN"} 1\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "a bound that is no number": typed('h_bucket{le="one"} 1\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "no bound": typed('h_bucket 1\nh_bucket{le=""} 1\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "counts that fall": typed('h_bucket{le="1"} 3\nh_bucket{le="2"} 2\nh_bucket{le="+Inf"} 3\nh_sum 1\nh_count 3\n'),
  "counts that fall, then another": typed(`h_bucket{a="0",le="1"} 3\nh_bucket{a="0",le="2"} 2\n${labelled("x", 1)}`),
  "a count that does not fit": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 1\nh_count 4\n'),
  "counts below zero": typed('h_bucket{le="1"} -1\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "a count below zero": typed('h_bucket{le="1"} 1\nh_count -3\n'),
  "a count below that of the last bucket": typed('h_bucket{le="1"} 5\nh_count 3\n'),
  "a sum below zero": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum -4.5\nh_count 3\n'),
  "a sum that is no number": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum NaN\nh_count 3\n'),
  "an infinite sum": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum +Inf\nh_count 3\n'),
  "counts that are no numbers": typed('h_bucket{le="1"} NaN\nh_bucket{le="+Inf"} 3\nh_count 3\n'),
  "a count that is no number": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} NaN\nh_count NaN\n'),
  "infinite counts": typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} +Inf\nh_count +Inf\n'),
  "counts that are not whole": typed(
    'h_bucket{le="1"} 1.5\nh_bucket{le="5"} 1.5\nh_bucket{le="+Inf"} 3\nh_sum 1\nh_count 3\n',
  ),
  "a count that is not whole": typed('h_bucket{le="1"} 1\nh_count 2.5\n'),
  "huge counts": typed(
    'h_bucket{le="1"} 9007199254740993\nh_bucket{le="+Inf"} 9223372036854774784\nh_count 9223372036854774784\n',
  ),
  "counts beyond whole numbers": typed(
    'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 9223372036854775808\nh_count 9223372036854775808\n',
  ),
  "gaps of one, two and three empty buckets": typed(bucketsOf([1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0])),
  "empty buckets in front": typed(bucketsOf([0, 0, 0, 1, 2])),
  "one empty bucket in front": typed(bucketsOf([0, 1])),
  "gaps between counts that are not whole": typed(bucketsOf([0.5, 0, 1, 0, 0, 1, 0, 0, 0, 1])),
  "many buckets": typed(bucketsOf([1, 2, 3, 4, 5, 6])),
  "more buckets than filled": typed(bucketsOf([1, 0, 0, 0, 0, 0, 1])),
  "many buckets, then another": `${typed(bucketsOf([1, 2, 3, 4, 5, 6]))}# TYPE g gauge\ng 1\n`,
  timestamps: typed(whole.replaceAll("\n", ` ${soon}\n`)),
  "timestamps that differ": typed(
    `h_bucket{le="1"} 1 ${soon}\nh_bucket{le="+Inf"} 3 ${soon + 1000}\nh_count 3 ${soon + 2000}\n`,
  ),
  "a timestamp behind": `${typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\n')}g 1 ${soon}\n`,
  "a timestamp behind a label set": typed(`${labelled("x", 1)}h_count{a="y"} 3 ${soon}\n`),
  "a timestamp in front": `${typed(`h_bucket{le="1"} 1 ${soon}\nh_bucket{le="+Inf"} 3 ${soon}\n`)}g 1\n`,
  "a mistake behind": `${typed(whole)}# TYPE g gauge\ng 1\n{{\n`,
  "a mistake right behind": `${typed(whole)}{{\n`,
  "a mistake between": typed('h_bucket{le="1"} 1\n{{\nh_bucket{le="+Inf"} 3\n'),
  "a name that ends like a part":
    '# TYPE h_count histogram\nh_count_bucket{le="+Inf"} 2\nh_count_count 2\nh_count_sum 1\n',
  summary: '# TYPE h summary\nh{quantile="0.5"} 1\nh_sum 2\nh_count 3\n',
});

const openMetrics = (seconds: number): Record<string, string> => ({
  "whole counts": `${typed(whole)}# EOF\n`,
  "gauge histogram": `${typed('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_gcount 2\nh_gsum 3\n', "gaugehistogram")}# EOF\n`,
  "a created series": `${typed(`${whole}h_created 1700000000\n`)}# EOF\n`,
  "created series of others": `# TYPE b counter\nb_total 1\nb_created 5\n# TYPE s summary\ns_sum 1\ns_created 5
${typed(`${whole}h_created 1700000000\n`)}# TYPE c counter\nc_total 1\nc_created 6\n# TYPE g gauge\ng_created 7
# TYPE t summary\nt_sum 1\nt_created 8\n# TYPE u unknown\nu_created 7\n# EOF\n`,
  "a created series in front": `${typed(`h_created 1700000000\n${whole}`)}# EOF\n`,
  "created series of two label sets": `${typed(
    ["x", "y"].map((a) => `h_bucket{a="${a}",le="+Inf"} 2\nh_created{a="${a}"} 5\nh_count{a="${a}"} 2\n`).join(""),
  )}# EOF\n`,
  "a created series between": `${typed('h_bucket{le="1"} 2\nh_created 5 7\nh_bucket{le="+Inf"} 2\nh_count 2\n')}# EOF\n`,
  "a created series without a histogram": "# TYPE h histogram\nh_created 5\n# TYPE c counter\nc_created 5\n# EOF\n",
  "a unit between": `# TYPE h_s histogram\nh_s_bucket{le="1"} 1\n# UNIT h_s s\nh_s_bucket{le="+Inf"} 2\n# EOF\n`,
  exemplars: `${typed(`h_bucket{le="1"} 1 # {t="b"} 0.5 ${seconds + 2}
h_bucket{le="+Inf"} 2 # {t="a"} 3 ${seconds + 1}.005
h_sum 3 # {t="c"} 3 ${seconds + 3}
h_count 2
g 1 # {t="d"} 4 ${seconds}
`)}# EOF\n`,
  "exemplars without a timestamp": `${typed('h_bucket{le="1"} 1 # {t="b"} 0.5\nh_bucket{le="+Inf"} 2 # {t="a"} 3\nh_count 2\n')}# EOF\n`,
  "exemplars of two label sets": `${typed(
    ["x", "y"].map((a) => `h_bucket{a="${a}",le="+Inf"} 2 # {t="${a}"} 3 ${seconds}\nh_count{a="${a}"} 2\n`).join(""),
  )}# EOF\n`,
  "no end": typed(whole),
  timestamps: `${typed(whole.replaceAll("\n", ` ${seconds}.25\n`))}# EOF\n`,
});

/** Where Prometheus does something odd. */
const odd = (seconds: number): Record<string, Page> => ({
  "one that is not valid, then another": textPage(
    typed(`h_bucket{a="0",le="1"} 5\nh_count{a="0"} 3\n${labelled("x", 1)}`),
  ),
  "a series of name and labels": textPage(typed('h_bucket{a="x",le="+Inf"} 1\nh{a="x"} 5\n')),
  "exemplars of one that cannot be converted": openMetricsPage(
    `${typed(`h_bucket{a="x",le="1"} 1 # {t="b"} 0.5 ${seconds}
h_count{a="x"} -2 # {t="c"} 0.5 ${seconds}
h_bucket{a="y",le="+Inf"} 2 # {t="d"} 3 ${seconds}
`)}# EOF\n`,
  ),
});

const protobuf = (soon: number): Record<string, Buffer> => ({
  "several metrics": encodeFamilies({
    name: "h",
    type: familyTypes.histogram,
    metric: ["x", "y"].map((a) => ({ label: labelPairs({ b: "1", a }), histogram: classicHistogram })),
  }),
  "classic and native by turns": encodeFamilies({
    name: "h",
    type: familyTypes.histogram,
    metric: ["w", "x", "y", "z"].map((a, at) => ({
      label: labelPairs({ a }),
      histogram: at % 2 === 0 ? classicHistogram : both,
    })),
  }),
  "native and classic by turns": encodeFamilies({
    name: "h",
    type: familyTypes.histogram,
    metric: ["w", "x", "y", "z"].map((a, at) => ({
      label: labelPairs({ a }),
      histogram: at % 2 === 1 ? classicHistogram : both,
    })),
  }),
  "gauge histogram": encodeFamilies({ ...histogram("h", classicHistogram), type: familyTypes.gaugeHistogram }),
  "float counts": encodeFamilies(
    histogram("h", {
      sample_count_float: 3.5,
      sample_sum: 4.5,
      bucket: [{ cumulative_count: 1, cumulative_count_float: 1.5, upper_bound: 1 }],
    }),
  ),
  "without the last bucket": encodeFamilies(
    histogram("h", { ...classicHistogram, bucket: classicHistogram.bucket.slice(0, 2) }),
  ),
  "without buckets": encodeFamilies(histogram("h", { sample_count: 3, sample_sum: 4.5 })),
  "a timestamp": encodeFamilies({
    name: "h",
    type: familyTypes.histogram,
    metric: [{ histogram: classicHistogram, timestamp_ms: soon }],
  }),
  "exemplars of buckets": encodeFamilies(
    histogram("h", {
      ...classicHistogram,
      bucket: classicHistogram.bucket.map((bucket, at) => ({
        ...bucket,
        exemplar: { label: labelPairs({ t: String(at) }), value: at, timestamp: { seconds: soon / 1000 - at } },
      })),
    }),
  ),
  "a mistake behind": Buffer.concat([encodeFamilies(histogram("h", classicHistogram)), Buffer.of(5)]),
});

const both = {
  sample_count: 3,
  sample_sum: 4.5,
  schema: 0,
  positive_span: [{ offset: 0, length: 2 }],
  positive_delta: [1, 1],
  bucket: classicHistogram.bucket,
};

function typed(body: string, type = "histogram"): string {
  return `# TYPE h ${type}\n${body}`;
}

/** Buckets of these counts, up to 1, 2, 3, … and the last up to +Inf. */
function bucketsOf(counts: readonly number[]): string {
  let upTo = 0;
  const lines = counts.map((count, at) => {
    upTo += count;
    return `h_bucket{le="${at === counts.length - 1 ? "+Inf" : at + 1}"} ${upTo}\n`;
  });
  return `${lines.join("")}h_sum 1\nh_count ${upTo}\n`;
}

function protobufPage(body: Buffer): Page {
  return { body, contentType: protobufType };
}

function mapped<From, To>(record: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}

function prefixed<Value>(prefix: string, record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}
