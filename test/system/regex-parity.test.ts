import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileAnchored } from "../../src/lib/re2.ts";
import { compileExpand } from "../../src/lib/re2-expand.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { promtool, startPrometheus } from "../support/servers.ts";
import { tempDir } from "../support/temp-dir.ts";

/** Constructs in which RE2 and JavaScript differ, and those that RE2 refuses. */
const patterns = String.raw`
f)|(o  a  a|b  ab?  (a)|(b)  (?i)K  (?i)ſ  (?i-s:a.)b  (?s)a.b  (?-s)a.b  (?m)^a$  (?U)(a+)(a*)  (?U)a+?  (?)a
(?P<n>a)(b)?  (?<n>a)  (?P<n>a)|(?P<n>b)  (?P<1x>a)  (?P<é>a)  (?P<a-b>c)  (?P<>a)
a(?=b)  a(?!b)  (?<=a)b  (?<!a)b  (a)\1  (?>a)  a++  a*+  a**  a?+  a{2}{3}  (?#c)a  (?(1)a|b)  \k<n>
\pL  \p{L}+  \PL  \p{^L}  \p{Greek}+  \p{Letter}  \p{lu}  \p{LC}  \P{LC}  \p{ASCII}+  [\p{ASCII}é]+  \p{Emoji}  \p{Script=Greek}
\p{Grek}  \p{Any}  \pX  \p  \p{  \p{L  [^\pL]  [\P{L}a]+  \p{Old_Italic}  \p{punct}  \p{digit}
[[:alpha:]]+  [[:^space:]]  [[:word:]]+  [[:foo:]]  [:alpha:]  [[:alpha:]-z]  [a[:digit:]]+
\Qa.b\E  \Qa.b  a\Q\Eb  \Aa\z  \Z  \G  \h  \R  \K  \C  \X  \e  \a  \f\n\r\t\v  \cA  \u0041  \x41  \x{1F600}  \x{110000}  \xZ  \123  \0  \8  \012
\:  \-  \/  \"  \_  \@  \y  \é  \<  (.+?)(\:\d+)?  a\
[]a]  [^]a]  [a-\d]  [z-a]  [a-]  [-a]  [a\]b]+  [\b]  []  [^]  [a  a]  [\Q]\E]
a{,2}  {foo}  a{1  a{1,}  a{2,1}  a{1001}  a{1000}  (a{500}){3}  (a{30}){30}  (((a{10}){10}){10}){10}  a{0}  (a{0}b)*  x{2,3}
(|a)+  (a*)*  (a+)+  (a|ab)(c|bcd)  (?:a|b)+?  ^a$  ^^a$$  $a  a^  \ba\b  \Ba  .  .+  \s  \S  \d+  \w+  \W  \D
😀  [😀]  [^a]  .😀  é  (é)+  ^(?:é|e)$  (?i)É  (?i)straße  (?i)[a-z]+  (?i)\x{212a}  ( ( (a)
(a|b)*?c  a.*?b  (a*?)(a*)  (a??)(a*)  (?:(a)|b)*  (?:(a)|(b))+  (a)*b  ((a)|b)+
`
  .split(/\s+/)
  .filter((pattern) => pattern !== "");

const texts = [
  "",
  "a",
  "b",
  "ab",
  "aa",
  "aaa",
  "abc",
  "abcd",
  "foo",
  "a\nb",
  "a.b",
  "K",
  "\u212a",
  "s",
  "ſ",
  "é",
  "É",
  "\u03b1",
  "\u1f80",
  "A",
  "1",
  "12",
  "_",
  "-",
  " ",
  "\u00a0",
  "\u000b",
  ":",
  "]",
  "[",
  "a]b",
  "{foo}",
  "a{,2}",
  "a{1",
  "xx",
  "😀",
  "a😀",
  "host:80",
  "STRASSE",
  "straße",
  "STRAẞE",
  "f",
  "to",
  "<",
  "@",
  '"',
  "/",
  "\\",
  "\u{10300}",
  "\t",
  "a-b",
  "alpha",
  "bbaab",
];

type Labels = Readonly<Record<string, string>>;

await describeWithServers("regular expressions beside a real Prometheus", ["prometheus", "promtool"], () => {
  test("what Prometheus refuses is refused, and nothing else", async () => {
    using dir = tempDir();
    const differing: string[] = [];
    for (const pattern of patterns) {
      const path = join(dir.path, "prometheus.yml");
      const rule = { source_labels: ["a"], regex: pattern, action: "keep" };
      writeFileSync(path, JSON.stringify({ scrape_configs: [{ job_name: "x", relabel_configs: [rule] }] }));
      const { code } = await promtool(["check", "config", "--syntax-only", path]);
      if ((code === 0) !== isAccepted(pattern)) differing.push(`${pattern} exits with ${code}`);
    }
    expect(differing).toEqual([]);
  }, 120_000);

  test("what is accepted matches the same texts, with the same groups", async () => {
    using dir = tempDir();
    const accepted = patterns.filter(isAccepted);
    const file = join(dir.path, "targets.json");
    const targets = texts.map((text, at) => ({ targets: ["x:1"], labels: { a: text, id: String(at) } }));
    writeFileSync(file, JSON.stringify(targets));
    const scrape_configs = accepted.map((pattern, at) => ({
      job_name: String(at),
      file_sd_configs: [{ files: [file] }],
      relabel_configs: [
        { target_label: "m", replacement: "no match" },
        { source_labels: ["a"], regex: pattern, target_label: "m", replacement: shown },
      ],
    }));
    const config = JSON.stringify({ global: { scrape_interval: "24h" }, scrape_configs });
    await using prometheus = await startPrometheus({ config });
    const answers = await eventually(async () => {
      const response = await fetch(`${prometheus.url}/api/v1/targets?state=active`);
      const { data } = (await response.json()) as { data: { activeTargets: readonly { labels: Labels }[] } };
      expect(data.activeTargets).toHaveLength(accepted.length * texts.length);
      return data.activeTargets;
    });
    const differing = answers.flatMap(({ labels }) => {
      const pattern = accepted[Number(labels.job)] ?? "";
      const text = texts[Number(labels.id)] ?? "";
      const ours = match(pattern, text);
      return ours === labels.m ? [] : [{ pattern, text, ours, theirs: labels.m }];
    });
    expect(differing).toEqual([]);
  }, 120_000);
});

const shown = "<$0|$1|$2|$n>";

function match(pattern: string, text: string): string {
  const regex = compileAnchored(pattern);
  const spans = regex.find(text);
  return spans === undefined ? "no match" : compileExpand(shown, regex)(text, spans);
}

function isAccepted(pattern: string): boolean {
  try {
    compileAnchored(pattern);
    return true;
  } catch {
    return false;
  }
}
