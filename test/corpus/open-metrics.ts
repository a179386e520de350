import { mutatedTexts } from "./mutations.ts";
import { comesAndGoes, type Page, openMetricsPage as page, type ScrapeCase, textPage } from "./scrape-case.ts";
import { isSafeToServe } from "./text.ts";

/** Bodies in OpenMetrics, of which every mistake fails the scrape. */
export function openMetricsCorpus(now: number): ScrapeCase[] {
  const soon = String(Math.floor(now / 1000) + 300);
  const ended = Object.entries({ ...samples, ...comments, ...normalised, ...timestamps(soon), ...exemplars(soon) });
  return [
    ...ended.map(([name, lines]) => openMetricsCase(name, comesAndGoes(page(`${lines}# EOF\n`), other))),
    ...Object.entries(endings).map(([name, body]) => openMetricsCase(name, comesAndGoes(page(body), other))),
    ...Object.entries(mixed()).map(([name, pages]) => openMetricsCase(name, pages)),
    ...Object.entries(changing(soon)).map(([name, pages]) =>
      openMetricsCase(
        name,
        pages.map((lines) => page(`${lines}# EOF\n`)),
      ),
    ),
    ...mutatedTexts(parents(soon), vocabulary, { count: 60, seed: 20_260_202, isWanted: isSafeToServe }).map(
      ({ name, body }) => openMetricsCase(name, comesAndGoes(page(body), other)),
    ),
  ];
}

const other = page("other 1\n# EOF\n");

/** One target may change its format, by a new version or by a proxy. */
const mixed = (): Record<string, readonly Page[]> => ({
  "format that changes to text and back": [
    page('a 1\nb{c="d"} 2\n# EOF\n'),
    textPage('b{c="d"} 3\na 4\n'),
    page("a 5\n# EOF\n"),
    textPage("x 6\na 7\n"),
    page("x 8\n# EOF\n"),
  ],
  "format that changes to text, with other series": [page("a 1\n# EOF\n"), textPage("b 1\n"), page("c 1\n# EOF\n")],
});

function openMetricsCase(name: string, pages: readonly Page[]): ScrapeCase {
  return { name: `OpenMetrics: ${name}`, job: "default", pages };
}

const samples: Record<string, string> = {
  "nothing else": "",
  plain: "a 1\nb 2\n",
  counter: "# TYPE a counter\n# HELP a Text.\na_total 1\na_created 1700000000\n",
  "counter without _total": "# TYPE a counter\na 1\n",
  "families that mix": '# TYPE a counter\na_total 1\n# TYPE b gauge\nb 1\na_total{c="d"} 1\n',
  "info and stateset": '# TYPE a info\na_info{v="1"} 1\n# TYPE b stateset\nb{b="x"} 1\nb{b="y"} 0\n',
  "tab instead of a space": "a\t1\n",
  "two spaces": "a  1\n",
  "space before the name": " a 1\n",
  "space behind the value": "a 1 \n",
  "space before the braces": 'a {b="c"} 1\n',
  "space inside the braces": 'a{ b="c"} 1\n',
  "space behind a comma": 'a{b="c", d="e"} 1\n',
  "space around the equals sign": 'a{b ="c"} 1\n',
  "no space before the value": 'a{b="c"}1\n',
  "trailing comma": 'a{b="c",} 1\n',
  "two trailing commas": 'a{b="c",,} 1\n',
  "no comma": 'a{b="c"d="e"} 1\n',
  "empty braces": "a{} 1\n",
  "blank line": "a 1\n\nb 2\n",
  CRLF: "a 1\r\n",
  "newline in a value": 'a{b="c\nd"} 1\n',
  "escapes in a value": 'a{b="\\\\ \\" \\n \\t"} 1\n',
  "quoted name": '{"a.b",c="d"} 1\n',
  "quoted name in UTF-8": '{"ü"} 1\n',
  "quoted label name": 'a{"b c"="d"} 1\n',
  "quoted name behind labels": '{c="d","a.b"} 1\n',
  "duplicate label": 'a{b="c",b="d"} 1\n',
  "duplicate series": "a 1\na 2\n",
  "spelled in two ways": 'a{b="c",d="e"} 1\na{d="e",b="c"} 2\n',
  "clash with target labels": 'a{job="theirs"} 1\n',
  "value in hexadecimal": "a 0x10\n",
  "value NaN": "a NaN\nb nan\n",
  "value infinite": "a +Inf\nb -Inf\nc Inf\nd infinity\n",
  "value too large": "a 1e309\n",
  "value with underscores": "a 1_000\n",
  "value missing": "a\n",
  "value missing behind a space": "a \n",
  "NUL byte": "a 1\n\0b 2\n",
  "NUL byte in a value of a label": 'a{b="\0"} 1\n',
  "byte order mark": "\uFEFFa 1\n",
};

const comments: Record<string, string> = {
  comment: "# hello\na 1\n",
  "hash alone": "#\na 1\n",
  "HELP without a space": "# HELP a\na 1\n",
  "HELP with an empty text": "# HELP a \na 1\n",
  "HELP with escapes": '# HELP a \\\\ \\n \\" \\t\na 1\n',
  "HELP with two spaces": "# HELP  a x\na 1\n",
  "HELP of a quoted name": '# HELP "a.b" x\n# TYPE "a.b" gauge\n# UNIT "a.b" b\n{"a.b"} 1\n',
  "every TYPE": ["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"]
    .map((type) => `# TYPE ${type}_x ${type}\n`)
    .join(""),
  "TYPE untyped": "# TYPE a untyped\na 1\n",
  "TYPE with a space behind": "# TYPE a gauge \na 1\n",
  "TYPE in capitals": "# TYPE a GAUGE\na 1\n",
  "TYPE twice": "# TYPE a gauge\n# TYPE a counter\na 1\n",
  UNIT: "# UNIT a_seconds seconds\na_seconds 1\n",
  "UNIT that is no suffix": "# UNIT a seconds\na 1\n",
  "UNIT that is the name": "# UNIT seconds seconds\nseconds 1\n",
  "UNIT that is empty": "# UNIT a \na 1\n",
  "UNIT without a space": "# UNIT a\na 1\n",
  "UNIT without an underscore before it": "# UNIT aseconds seconds\naseconds 1\n",
};

const normalised: Record<string, string> = {
  "le of a histogram": `# TYPE h histogram\n${["1", "10", "1e6", "1000000", "0.00001", "+Inf", "x"]
    .map((le, at) => `h_bucket{of="${at}",le="${le}"} ${at}\n`)
    .join("")}h_sum 1\nh_count 1\n`,
  "le of a gaugehistogram": '# TYPE h gaugehistogram\nh_bucket{le="1"} 1\n',
  "quantile of a summary": '# TYPE s summary\ns{quantile="1"} 1\ns{quantile="0"} 1\n',
};

const timestamps = (soon: string): Record<string, string> => ({
  timestamp: `a 1 ${soon}\n`,
  "timestamp with a fraction": `a 1 ${soon}.1239\nb 1 ${soon}.9999999\n`,
  "timestamp with an exponent": `a 1 ${Number(soon) / 1e9}e9\n`,
  "timestamp below zero": "a 1 -1.5\n",
  "timestamp NaN": "a 1 NaN\n",
  "timestamp infinite": "a 1 +Inf\n",
  "timestamp in hexadecimal": "a 1 0x10\n",
  "timestamp far ahead": `a 1 ${Number(soon) + 660}\nb 1\n`,
  "timestamp too large for milliseconds": "a 1 1e300\nb 1\n",
  "timestamp and a space": `a 1 ${soon} \n`,
  "timestamp twice": `a 1 ${soon} ${soon}\n`,
  "timestamps of a duplicate": `a 1 ${soon}.001\na 2 ${soon}.002\n`,
});

const exemplars = (soon: string): Record<string, string> => ({
  exemplar: '# TYPE a counter\na_total 1 # {trace_id="abc"} 0.5\n',
  "exemplar with a timestamp": `# TYPE a counter\na_total 1 # {trace_id="abc"} 0.5 ${soon}.5\n`,
  "exemplar behind a timestamp": `# TYPE a counter\na_total 1 ${soon} # {trace_id="abc"} 0.5 ${soon}.25\n`,
  "exemplar of a bucket": `# TYPE h histogram\nh_bucket{le="1"} 1 # {trace_id="x"} 0.7 ${soon}\nh_bucket{le="+Inf"} 1\n`,
  "exemplar of a gauge": '# TYPE g gauge\ng 1 # {trace_id="abc"} 1\n',
  "exemplar without a type": 'a 1 # {trace_id="abc"} 1\n',
  "exemplar without labels": "a 1 # {} 1\n",
  "exemplar with a trailing comma": 'a 1 # {b="c",} 1\n',
  "exemplar with a quoted label": 'a 1 # {"b c"="d"} 1\n',
  "exemplar with a quoted name": 'a 1 # {"b c"} 1\n',
  "exemplar with escapes": 'a 1 # {b="c\\"\\n\\\\"} 1\n',
  "exemplar of 128 characters": `a 1 # {b="${"x".repeat(127)}"} 1\n`,
  "exemplar of 129 characters": `a 1 # {b="${"x".repeat(128)}"} 1\n`,
  "exemplar of 128 characters that are more bytes": `a 1 # {b="${"ü".repeat(127)}"} 1\n`,
  "exemplar with a duplicate label": 'a 1 # {b="c",b="d"} 1\n',
  "exemplar with a value NaN": 'a 1 # {b="c"} NaN\n',
  "exemplar without a value": 'a 1 # {b="c"}\n',
  "exemplar without braces": "a 1 # 1\n",
  "exemplar with an infinite timestamp": 'a 1 # {b="c"} 1 +Inf\n',
  "exemplar with a timestamp below zero": 'a 1 # {b="c"} 1 -5\n',
  "exemplar and a space": 'a 1 # {b="c"} 1 \n',
  "exemplar with two spaces before it": 'a 1  # {b="c"} 1\n',
  "exemplar twice": 'a 1 # {b="c"} 1 # {b="d"} 1\n',
  "exemplar with an empty label": 'a 1 # {b="",c="d"} 1\n',
  "exemplars of duplicates": 'a 1 # {b="1"} 1\na 2 # {b="2"} 2\n',
  "exemplar before an error": 'a 1 # {b="1"} 1\n\n',
});

const endings: Record<string, string> = {
  "nothing at all": "",
  "EOF without a newline": "a 1\n# EOF",
  "EOF missing": "a 1\n",
  "EOF missing, no newline": "a 1",
  "EOF twice": "a 1\n# EOF\n# EOF\n",
  "EOF and a blank line": "a 1\n# EOF\n\n",
  "EOF and a space": "a 1\n# EOF \n",
  "EOF and a sample": "a 1\n# EOF\nb 1\n",
  "EOF without a space": "a 1\n#EOF\n",
  "EOF in small letters": "a 1\n# eof\n",
  "EOF with CRLF": "a 1\n# EOF\r\n",
  "EOF alone": "# EOF",
  "EOF and a NUL byte": "a 1\n# EOF\n\0",
};

const changing = (soon: string): Record<string, readonly string[]> => ({
  "exemplars that change": [
    `a 1 # {b="1"} 1 ${soon}.1\n`,
    `a 2 # {b="2"} 2 ${soon}.2\n`,
    `a 3 # {b="2"} 2 ${soon}.2\n`,
    `a 4 # {b="3"} 3 ${soon}.1\n`,
    "a 5\n",
  ],
  "exemplars without timestamps that stay": ['a 1 # {b="1"} 1\n', 'a 2 # {b="1"} 1\n', 'a 3 # {b="1"} 2\n', "b 1\n"],
  "timestamps that move on": [`a 1 ${soon}.001\n`, `a 2 ${soon}.002\n`, "b 1\n"],
});

const parents = (soon: string): Record<string, string> => ({
  counter: '# HELP c Text.\n# TYPE c counter\nc_total{a="b"} 1\nc_created{a="b"} 1.7e9\n# EOF\n',
  histogram: '# TYPE h histogram\n# UNIT h \nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n# EOF\n',
  exemplar: `# TYPE e counter\ne_total 1 # {t="x",u="y"} 0.5 ${soon}\n# EOF\n`,
  timestamp: `a{b="c",d="e\\n\\""} 1.5 ${soon}.25\nb -Inf\n# EOF\n`,
  "quoted names": '# TYPE "a.b" gauge\n{"a.b","l m"="n"} 1\n# EOF\n',
});

const vocabulary = [
  ..."019aeE_:.+-{}\"'\\,=# \t\n\r\0é",
  ...['{a="b"}', "NaN", "+Inf", "1e5", "# ", "# EOF\n", "# UNIT ", "# TYPE ", "gauge", ' # {x="y"} 1', "\n\n"],
];
