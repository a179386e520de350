import { mutatedTexts } from "./mutations.ts";
import { comesAndGoes, openMetricsPage, type Page, type ScrapeCase, textPage } from "./scrape-case.ts";

/** Bodies in the text format. Timestamps lie ahead of `now`: Prometheus does not send what is older than its start. */
export function textCorpus(now: number): ScrapeCase[] {
  const soon = now + 300_000;
  const single = Object.entries({
    ...names,
    ...labels,
    ...values,
    ...comments,
    ...normalised,
    ...shapes,
    ...timestamps(soon),
  }).map(([name, body]) => textCase(name, comesAndGoes(textPage(body))));
  const histories = Object.entries(changing(soon)).map(([name, bodies]) =>
    textCase(
      name,
      bodies.map((body) => textPage(body)),
    ),
  );
  const mutants = mutatedTexts(parents(soon), vocabulary, { count: 90, seed: 20_260_101, isWanted: isSafeToServe });
  return [...single, ...histories, ...mutants.map(({ name, body }) => textCase(name, comesAndGoes(textPage(body))))];
}

/**
 * Prometheus 3.5 crashes, or takes a wrong name, where a series that begins with a brace has a label name alone in it
 * (`{A} 1`), so no such text is served to it. Errs on the side of leaving out.
 */
export function isSafeToServe(text: string): boolean {
  return !/^[ \t]*\{[\s\S]*[\w:]\s*[,}]/m.test(text);
}

/** What is not safe to serve to Prometheus, for Sonde alone: each is a mistake in the page, as in later versions. */
export function unsafeCorpus(): ScrapeCase[] {
  const lines = ["{A} 1", "{A}0", "{abc} 1", '{abc,d="e"} 1', '{d="e",abc} 1', "{A,B} 1", " {A} 1"];
  return lines.flatMap((line) => [
    { name: `unsafe: ${line}`, job: "default", pages: [textPage(`${line}\n`)] },
    { name: `unsafe in OpenMetrics: ${line}`, job: "default", pages: [openMetricsPage(`${line}\n# EOF\n`)] },
  ]);
}

function textCase(name: string, pages: readonly Page[]): ScrapeCase {
  return { name: `text: ${name}`, job: "default", pages };
}

const names: Record<string, string> = {
  "plain name": "plain 1\n",
  "name with colons": ":a:b: 1\n:: 2\n",
  "name that is one underscore": "_ 1\n",
  "name with digits": "a1b2 1\n",
  "name that begins with a digit": "1a 1\n",
  "name with a dash": "a-b 1\n",
  "name with a dot": "a.b 1\n",
  "name in UTF-8 without quotes": "ümlaut 1\n",
  "quoted name": '{"a.b"} 1\n',
  "quoted name before labels": '{"a.b",x="y"} 1\n',
  "quoted name behind labels": '{x="y","a.b"} 1\n',
  "quoted name between labels": '{x="y","a.b",z="w",} 1\n',
  "two quoted names": '{"a","b"} 1\n',
  "quoted name next to a plain one": 'a{"b"} 1\n',
  "quoted name without braces": '"a.b" 1\n',
  "quoted name with escapes": '{"a\\n\\"b\\\\c\\t"} 1\n',
  "quoted empty name": '{""} 1\n',
  "quoted name in UTF-8": '{"температура","größe"="ü"} 20\n',
  "quoted name beyond the basic plane": '{"💡","𝒶"="b","a"="𝒶"} 1\n',
  "quoted name with a newline": '{"a\nb"} 1\n',
  "braces without a name": '{a="b"} 1\n',
  "empty braces without a name": "{} 1\n",
  "spaces before the name": "  m 1\n",
  "tab before the name": "\tm 1\n",
  "name alone": "m\n",
  "name and spaces alone": "m   \n",
  "reserved label name": 'm{__name__="other"} 1\n',
  "label with two underscores": 'm{__address__="x",__tmp="y"} 1\n',
};

const labels: Record<string, string> = {
  "empty braces": "m{} 1\n",
  "one trailing comma": 'm{a="b",} 1\n',
  "two trailing commas": 'm{a="b",,} 1\n',
  "leading comma": 'm{,a="b"} 1\n',
  "comma alone": "m{,} 1\n",
  "no comma between labels": 'm{a="b"c="d"} 1\n',
  "space instead of a comma": 'm{a="b" c="d"} 1\n',
  "no space before the value": 'm{a="b"}1\n',
  "spaces everywhere": 'm { a = "b" , c = "d" , }   1   \n',
  "tabs everywhere": 'm\t{\ta\t=\t"b"\t}\t1\t\n',
  "single quotes": "m{a='b'} 1\n",
  "no quotes": "m{a=b} 1\n",
  "no equals sign": 'm{a"b"} 1\n',
  "no value of a label": "m{a=} 1\n",
  "no name of a label": 'm{="b"} 1\n',
  "two equals signs": 'm{a=="b"} 1\n',
  "unclosed braces": 'm{a="b" 1\n',
  "unclosed quotes": 'm{a="b} 1\n',
  "closed twice": 'm{a="b"}} 1\n',
  "braces twice": 'm{a="b"}{c="d"} 1\n',
  "empty label value": 'm{a=""} 1\nm{b="",c="d"} 2\n',
  "duplicate label": 'm{a="1",a="2"} 1\n',
  "duplicate label with equal values": 'm{a="1",a="1"} 1\n',
  "duplicate label of which one is empty": 'm{a="1",a=""} 1\n',
  "duplicate label of which the first is empty": 'm{a="",a="1"} 1\n',
  "labels out of order": 'm{z="1",b="2",a="3",B="4",_="5"} 1\n',
  "escapes in a value": 'm{a="\\\\ \\" \\n"} 1\n',
  "unknown escapes in a value": 'm{a="\\t\\r\\x41\\u0041\\q\\/"} 1\n',
  "backslash before the closing quote": 'm{a="b\\"} 1\n',
  "newline in a value": 'm{a="b\nc"} 1\n',
  "carriage return in a value": 'm{a="b\rc"} 1\n',
  "tab in a value": 'm{a="b\tc"} 1\n',
  "NUL byte in a value": 'm{a="b\0c"} 1\n',
  "braces and hash in a value": 'm{a="{x=\\"y\\"} # 1"} 1\n',
  "label name with a colon": 'm{a:b="c"} 1\n',
  "label name with a dash": 'm{a-b="c"} 1\n',
  "label name that begins with a digit": 'm{1a="c"} 1\n',
  "quoted label name": 'm{"a b"="c","d.e"="f"} 1\n',
  "quoted empty label name": 'm{""="c"} 1\n',
  "label names that sort by bytes": '{"m","￿"="1","𐀀"="2","é"="3","z"="4"} 1\n',
  "clash with target labels": 'm{job="theirs",instance="theirs",case="theirs"} 1\n',
  "clash with a taken exported label": 'm{job="theirs",exported_job="taken"} 1\n',
  "clash with two taken exported labels": 'm{job="a",exported_job="b",exported_exported_job="c"} 1\n',
  "clash with an empty label": 'm{job="",instance=""} 1\n',
  "clash of the label of a report": 'up{job="theirs"} 5\n',
  "long label value": `m{a="${"x".repeat(70_000)}"} 1\n`,
  "many labels": `m{${Array.from({ length: 200 }, (_, at) => `l${at}="${at}"`).join(",")}} 1\n`,
};

const numbers = [
  ...["0", "-0", "+0", "1", "+1", "-1", ".5", "-.5", "5.", "017", "00", "1e3", "1E3", "1e+3", "1e-3", "1e", "e1", "."],
  ...["+", "-", "++1", "--1", "+-1", "1.2.3", "1,000", "1_000", "0x10", "0X1p4", "0x1p-2", "0b1", "0o7", "1f", "1p4"],
  ...["nan", "NaN", "NAN", "nAn", "+NaN", "-NaN", "nan(1)", "inf", "Inf", "INF", "+Inf", "-Inf", "-inf", "infinity"],
  ...["+Infinity", "-INFINITY", "Infinit", "Infinityx", "1e308", "1e309", "-1e309", "1.7976931348623157e308"],
  ...["1.7976931348623159e308", "4.9e-324", "2e-324", "1e-400", "-1e-400", "2.2250738585072011e-308", "1e-45"],
  ...["9007199254740993", "9007199254740992.5", "0.1", "0.30000000000000004", "123456789012345678901234567890"],
  ...["1e0000000000001", "1e99999999999999999999", "0e99999999999999999999", "１", "1٫5", "true", "null", '"1"'],
  ...["1;", "1}", "1#", "1 #", "1 # x", "0.5000000000000000277555756156289135105907917022705078125"],
  ...["9".repeat(309), "9".repeat(310), `0.${"0".repeat(400)}1`, `1${"0".repeat(308)}`, `0.${"3".repeat(900)}`],
];

const values: Record<string, string> = Object.fromEntries(
  numbers.map((number, at) => [`value ${at} ${shorten(number)}`, `before 1\nm ${number}\nafter 2\n`]),
);

function shorten(text: string): string {
  return text.length > 30 ? `${text.slice(0, 20)}… (${text.length} characters)` : text;
}

const comments: Record<string, string> = {
  "comments of all kinds": "#\n# \n#x\n# x\n#  HELP x\n# EOF\n# UNIT m seconds\n# help m x\n# HELP\n\tm 1\n",
  "HELP without a text": "# HELP m\nm 1\n",
  "HELP with an empty text": "# HELP m \nm 1\n",
  "HELP without a name": "# HELP \nm 1\n",
  "HELP with escapes": '# HELP m a \\\\ b \\n c \\" d \\t e \\\nm 1\n',
  "HELP twice": "# HELP m one\n# HELP m two\nm 1\n",
  "HELP behind the samples": "m 1\n# HELP m late\n# TYPE m counter\n",
  "HELP of a quoted name": '# HELP "a.b" text\n# TYPE "a.b" gauge\n{"a.b"} 1\n',
  "HELP with a carriage return": "# HELP m text\r\nm 1\n",
  "HELP with a NUL byte": "# HELP m te\0xt\nm 1\n",
  "HELP with tabs": "#\tHELP\tm\ttext\nm 1\n",
  "HELP with many spaces": "#   HELP   m   text\nm 1\n",
  "HELP of an invalid name": "# HELP 1m text\nm 1\n",
  "every TYPE": "# TYPE a counter\n# TYPE b gauge\n# TYPE c histogram\n# TYPE d summary\n# TYPE e untyped\nm 1\n",
  "TYPE unknown": "# TYPE m unknown\nm 1\n",
  "TYPE info": "# TYPE m info\nm 1\n",
  "TYPE gaugehistogram": "# TYPE m gaugehistogram\nm 1\n",
  "TYPE in capitals": "# TYPE m COUNTER\nm 1\n",
  "TYPE without a type": "# TYPE m\nm 1\n",
  "TYPE with an empty type": "# TYPE m \nm 1\n",
  "TYPE with a space behind": "# TYPE m counter \nm 1\n",
  "TYPE with two spaces": "# TYPE m  counter\nm 1\n",
  "TYPE with a tab": "# TYPE m\tcounter\nm 1\n",
  "TYPE with a carriage return": "# TYPE m counter\r\nm 1\n",
  "TYPE twice": "# TYPE m counter\n# TYPE m gauge\nm 1\n",
  UNIT: "# UNIT m_seconds seconds\n# UNIT\n# UNIT x\nm_seconds 1\n",
  "comment behind a value": "m 1 # comment\n",
  "exemplar in the text format": 'm_total 1 # {trace_id="a"} 1\n',
  "comment without a newline": "m 1\n# end",
};

const normalised: Record<string, string> = {
  "le of a histogram": histogram(
    ...["1", "1.0", "01", "+1", "1e0", "0.5", "0.00001", "0.0001", "100000", "123456", "999999.5", "1000000"],
    ...["1234567", "123456789", "1e20", "1e21", "1e22", "0x1p4", "1_0", "1e400", "0x10", "abc", " 1", "", "-0", "inf"],
    ...["+Inf", "-Inf", "Infinity", "nan", "1e-7", "5e-324", "1.7976931348623157e308", "0.1", "0.30000000000000004"],
  ),
  "le before its TYPE": 'm_bucket{le="1"} 1\n# TYPE m histogram\nm_bucket{le="1"} 2\n',
  "le after another TYPE": '# TYPE m histogram\nm_bucket{le="1"} 1\n# TYPE n counter\nm_bucket{le="2"} 2\n',
  "le of another metric": '# TYPE m histogram\nx{le="1",quantile="1"} 1\n',
  "le of a summary": '# TYPE m summary\nx{le="1",quantile="1"} 1\n',
  "le of a gauge": '# TYPE m gauge\nx{le="1",quantile="1"} 1\n',
  "le with escapes": '# TYPE m histogram\nx{le="1\\n"} 1\nx{le="\\\\1"} 2\n',
  "le that meets another one": '# TYPE m histogram\nx{le="1"} 1\nx{le="1.0"} 2\nx{le="1.00"} 3\n',
  "quoted le": '# TYPE m histogram\nm_bucket{"le"="1"} 1\n{"m.bucket","le"="2"} 1\n',
  "quantile of a summary": `# TYPE rpc summary\n${["0", "0.5", "0.99", "1", "1e-9", "NaN", "x"]
    .map((quantile) => `rpc{quantile="${quantile}"} 1\n`)
    .join("")}rpc_sum 1\nrpc_count 2\n`,
};

function histogram(...bounds: string[]): string {
  const lines = bounds.map((le, at) => `h_bucket{of="${at}",le="${le}"} ${at}\n`);
  return `# HELP h Text.\n# TYPE h histogram\n${lines.join("")}h_sum 1\nh_count 2\n`;
}

const shapes: Record<string, string> = {
  nothing: "",
  "one newline": "\n",
  "spaces alone": "   \n\t\n   ",
  "no newline at the end": "a 1\nb 2",
  "blank lines": "\n\na 1\n\n  \n\t\nb 2\n\n",
  CRLF: "a 1\r\nb 2\r\n",
  "CR alone": "a 1\rb 2\r",
  "CRLF behind comments only": "# HELP a x\r\n# x\r\na 1\n",
  "duplicate series": "a 1\na 2\na 1\n",
  "duplicate series with labels": 'a{b="c"} 1\na{b="c"} 2\n',
  "series spelled in two ways": 'a{b="c",d="e"} 1\na{d="e",b="c"} 2\na{d="e",b="c",} 3\n',
  "series spelled with quotes and without": 'a{b="c"} 1\n{"a",b="c"} 2\n{"a","b"="c"} 3\n',
  "error behind good lines": "a 1\nb 2\nc {\nd 4\n",
  "error in the first line": "}\na 1\n",
  "error in the last line": "a 1\nb 2\nc",
  "NUL byte at the start": "\0a 1\n",
  "NUL byte at the start of a line": "a 1\n\0b 2\nc {{\n",
  "NUL byte in a name": "a\0b 1\n",
  "NUL byte behind a value": "a 1\0\n",
  "byte order mark": "\uFEFFa 1\n",
  "next line and no-break space": "a\u00A01\n",
  "form feed": "a\f1\n",
  "text of a web page": "<html><body>Not found</body></html>\n",
  JSON: '{"status":"ok"}\n',
  "OpenMetrics in the text format": "# TYPE a counter\na_total 1\n# EOF\n",
  "name of a report series": "up 5\nscrape_duration_seconds 7\nscrape_samples_scraped 3\n",
  "many series": Array.from({ length: 300 }, (_, at) => `many{at="${at}"} ${at}\n`).join(""),
};

const timestamps = (soon: number): Record<string, string> => ({
  timestamp: `a 1 ${soon}\nb 2\n`,
  "timestamp behind spaces": `a 1 \t ${soon} \t\n`,
  "timestamp with a sign": `a 1 +${soon}\n`,
  "timestamp with leading zeros": `a 1 00${soon}\n`,
  "timestamp below zero": "a 1 -1\n",
  "timestamp with a fraction": `a 1 ${soon}.5\n`,
  "timestamp with an exponent": "a 1 1e12\n",
  "timestamp that is too large": "a 1 9223372036854775808\n",
  "timestamp that is the largest": "a 1 9223372036854775807\n",
  "timestamp beyond exact doubles": "a 1 9007199254740993\n",
  "timestamp eleven minutes ahead": `a 1 ${soon + 660_000}\nb 2\n`,
  "timestamp in another script": "a 1 １\n",
  "timestamp and something behind it": `a 1 ${soon} 2\n`,
  "timestamp twice in one scrape": `a 1 ${soon}\na 2 ${soon + 1}\n`,
  "timestamp twice the same": `a 1 ${soon}\na 2 ${soon}\n`,
  "timestamps that go back": `a 1 ${soon + 5}\na 2 ${soon}\n`,
  "timestamp and none on the same series": `a 1 ${soon}\na 2\n`,
  "no timestamp and one on the same series": `a 2\na 1 ${soon}\n`,
});

/** What a target shows from scrape to scrape. */
const changing = (soon: number): Record<string, readonly string[]> => ({
  "values that change": ["a 1\nb 1\n", "a 2\nb 1\n", "a NaN\nb 1\n", "a 1\nb 1\n"],
  "series that come one by one": ["a 1\n", "a 1\nb 1\n", "a 1\nb 1\nc 1\n", "c 1\n"],
  "series that change places": ["a 1\nb 2\nc 3\n", "c 3\nb 2\na 1\n", "b 2\nc 3\na 1\n"],
  "errors between good scrapes": ["a 1\nb 2\n", "a 1\nb {\n", "a 1\nb 2\n", "c {\n", "c 1\n"],
  "series seen only in a failed scrape": ["a 1\n{{\n", "a 1\n", "b 1\n{{\n", "{{\n", "a 1\n"],
  "series spelled differently later": ['a{b="c",d="e"} 1\n', 'a{d="e",b="c"} 2\n', 'a{d="e",b="c"} 2\n', "x 1\n"],
  "duplicate that goes away": ["a 1\na 2\n", "a 2\n", "b 1\n"],
  "an empty page in between": ["a 1\n", "", "a 1\n", ""],
  "timestamps that move on": [`a 1 ${soon}\n`, `a 2 ${soon + 1}\n`, `a 3 ${soon + 2}\n`, "b 1\n"],
  "timestamps that stay": [`a 1 ${soon}\n`, `a 2 ${soon}\n`, `a 3 ${soon}\n`, "b 1\n"],
  "timestamps that go back later": [`a 1 ${soon + 9}\n`, `a 2 ${soon + 5}\n`, `a 3 ${soon + 10}\n`, "b 1\n"],
  "timestamp that begins": ["a 1\n", `a 2 ${soon}\n`, "b 1\n"],
  "timestamp that ends": [`a 1 ${soon}\n`, "a 2\n", "b 1\n"],
  "TYPE that changes": [
    '# TYPE a histogram\na{le="1"} 1\n',
    '# TYPE a gauge\na{le="1"} 1\n',
    '# TYPE a histogram\na{le="1"} 1\n',
  ],
});

/** What the mutants descend from. */
const parents = (soon: number): Record<string, string> => ({
  "plain lines": "# HELP a Some text.\n# TYPE a gauge\na 1\nb 2.5e-3\nc -Inf\n",
  labels: 'a{b="c",d="e\\n\\"f\\\\"} 1\nx{} 2\ny{a="",} 3\n',
  histogram: '# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5\nh_count 2\n',
  summary: '# HELP s Text \\n here.\n# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 17\ns_count 3\n',
  "quoted names": '# TYPE "a.b" counter\n{"a.b","l m"="n",o="p"} 1\nq{"r s"="t"} 2\n',
  timestamps: `a 1 ${soon}\nb{c="d"} 2 ${soon + 1}\n`,
  spaces: 'a \t 1 \n\n  # x\n\tb { c = "d" , } +2\n',
});

const vocabulary = [
  ..."0129aAeExX_:.+-{}\"'\\,=# \t\n\r;\0é",
  ...['""', "{}", '{a="b"}', "NaN", "+Inf", "1e5", "0x1", "# ", "# HELP ", "# TYPE ", "counter", "\\n", '\\"', "\n\n"],
];
