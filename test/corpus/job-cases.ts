import { comesAndGoes, type Page, type ScrapeCase, textPage } from "./scrape-case.ts";

/** Pages for the jobs that are not the default one. */
export function jobCorpus(now: number): ScrapeCase[] {
  const soon = now + 300_000;
  // Behind the second scrape, but not before the start of Prometheus, which would not send it.
  const lately = now + 1_000;
  return [
    ...casesOf("honor labels", {
      "clash with target labels": 'm{job="theirs",instance="theirs"} 1\n',
      "present but empty": 'm{job="",instance=""} 1\nn 2\n',
      "one of two": 'm{job="theirs"} 1\nm{instance="theirs",exported_job="x"} 2\n',
      "reports keep the target's": 'up{job="theirs"} 5\n',
    }),
    ...casesOf("own time", {
      "timestamps that do not count": `a 1 ${soon}\nb 2 1\nc 3\n`,
      "timestamp that cannot be read": "a 1 -1\n",
    }),
    ...casesOf("track staleness", {
      "timestamps ahead": `a 1 ${soon}\nb 2\n`,
      "timestamps behind": `a 1 ${lately}\nb 2\n`,
      "timestamp and none": `a{b="c"} 1 ${soon}\na 2\n`,
    }),
    casesOfPages("track staleness", "timestamps behind that end", [
      `a 1 ${lately}\n`,
      "b 1\n",
      `a 1 ${lately}\n`,
      "a 2\n",
    ]),
    casesOfPages("default", "timestamps behind that end", [`a 1 ${lately}\n`, "b 1\n", `a 1 ${lately}\n`, "a 2\n"]),
    casesOfPages("track staleness", "timestamps that move on, and end", [
      `a 1 ${soon}\n`,
      `a 2 ${soon + 1}\nb 1\n`,
      "b 1\n",
    ]),
    ...casesOf("sample limit", {
      "as many as allowed": "a 1\nb 2\nc 3\n",
      "one too many": "a 1\nb 2\nc 3\nd 4\n",
      "far too many": Array.from({ length: 50 }, (_, at) => `m{n="${at}"} 1\n`).join(""),
      "duplicates count": "a 1\na 1\na 1\na 1\n",
      "too many, then an error": "a 1\nb 2\nc 3\nd 4\ne 5\nf {\n",
    }),
    casesOfPages("sample limit", "grows over the limit and back", [
      "a 1\nb 2\n",
      "a 1\nb 2\nc 3\nd 4\ne 5\n",
      "c 3\nd 4\n",
      "a 1\n",
    ]),
    ...casesOf("label limit", {
      "as many as allowed": 'm{a="1",b="2"} 1\n',
      "one too many": 'ok 1\nm{a="1",b="2",c="3"} 1\nbehind 1\n',
      "empty ones do not count": 'm{a="1",b="2",c="",d=""} 1\n',
    }),
    ...casesOf("label name limit", {
      "as long as allowed": 'm{a234567890="x"} 1\n',
      "one byte too long": 'ok 1\nm{a2345678901="x"} 1\nbehind 1\n',
      "bytes, not characters": '{"m","äöüßé"="x"} 1\n{"m","äöüßéa"="x"} 1\n',
      "exported name grows too long": 'm{instance="x"} 1\n',
    }),
    ...casesOf("label value limit", {
      "as long as allowed": `m{a="${"x".repeat(60)}"} 1\n`,
      "one byte too long": `ok 1\nm{a="${"x".repeat(61)}"} 1\nbehind 1\n`,
      "bytes, not characters": `m{a="${"ü".repeat(31)}"} 1\n`,
      "name of the metric too long": `${"m".repeat(61)} 1\n`,
      "escapes count once": `m{a="${"\\n".repeat(60)}"} 1\n`,
    }),
    ...casesOf("body limit", {
      "one byte less": `a 1\n#${"x".repeat(994)}`,
      "just the limit": `a 1\n#${"x".repeat(995)}`,
      more: `a 1\n#${"x".repeat(5000)}`,
    }),
    ...casesOf("uncompressed", { plain: "a 1\n" }),
    ...casesOf("legacy", {
      "legacy names": 'a_b{c="d"} 1\n',
      "quoted metric name": 'ok 1\n{"a.b"} 1\n',
      "quoted label name": 'ok 1\na{"b.c"="d"} 1\n',
      "quoted legacy names": '{"a","b"="c"} 1\n',
      "spaces before the name": " a 1\n",
      "value in UTF-8": 'a{b="ü"} 1\n',
      "empty label in UTF-8": 'ok 1\na{"ü"=""} 1\n',
    }),
    ...casesOf("dropped series", {
      "some are dropped": "drop_a 1\nkeep_a 2\ndrop_b 3\n",
      "all are dropped": "drop_a 1\ndrop_b 3\n",
      "a label is dropped": 'm{secret="x",b="c"} 1\n',
      "two become one": 'm{secret="x"} 1\nm{secret="y"} 2\n',
      "labels are copied": 'm{a="b"} 1\nm{a="b c"} 2\nm 3\n',
      "names change": 'm{rename="n"} 1\nm{rename="o p"} 2\n',
      "an error behind dropped series": "drop_a 1\nkeep_a 2\ndrop_b 3\n{{\n",
      "explicit timestamps": `drop_a 1 ${soon}\nkeep_a 2 ${soon}\n`,
    }),
    ...casesOf("dropped names", { "no name is left": 'm{a="b"} 1\n' }),
    ...casesOf("relabeled and limited", {
      "dropped ones do not count": "drop_a 1\ndrop_b 1\na 1\nb 1\n",
      "one too many is left": "drop_a 1\na 1\nb 1\nc 1\n",
    }),
    ...casesOf("extra metrics", {
      plain: "a 1\n",
      "too many samples": "a 1\nb 2\nc 3\nd 4\n",
      "too long": `a 1\n#${"x".repeat(5000)}`,
      "an error": "a 1\n{{\n",
      nothing: "",
    }),
  ];
}

function casesOf(job: string, bodies: Readonly<Record<string, string>>): ScrapeCase[] {
  return Object.entries(bodies).map(([name, body]) => caseOf(job, name, comesAndGoes(textPage(body))));
}

function casesOfPages(job: string, name: string, bodies: readonly string[]): ScrapeCase {
  return caseOf(
    job,
    name,
    bodies.map((body) => textPage(body)),
  );
}

function caseOf(job: string, name: string, pages: readonly Page[]): ScrapeCase {
  return { name: `settings: ${job}: ${name}`, job, pages };
}
