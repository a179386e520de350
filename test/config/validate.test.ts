import { expect, test } from "vitest";
import { parseConfigFile } from "../../src/config/parse.ts";
import { validate } from "../../src/config/validate.ts";
import { fakeManifest } from "../support/fake-manifest.ts";

const env = { INTERVAL: "tomorrow", DIGITS: "0123", PORT: "9090", SIGNED: "yes", WHERE: "logs.write.b" };

function check(...texts: readonly string[]) {
  const files = texts.map((text, at) => parseConfigFile(`${"abc"[at]}.yaml`, text));
  return validate(files, fakeManifest, { env, readFile: () => "" });
}

/** `line:column` and message of each mistake. */
function mistakes(...texts: readonly string[]): string[] {
  const result = check(...texts);
  const found = result.ok ? [] : result.diagnostics;
  return found.map(({ message, place }) => (place ? `${place.line}:${place.column} ${message}` : message));
}

function configOf(text: string): unknown {
  const result = check(text);
  return result.ok ? result.config.components.at(-1)?.config : result.diagnostics.map(({ message }) => message);
}

test("a reference must carry the signal", () => {
  const f = (text: string, want: readonly string[]) => expect(mistakes(text), text).toEqual(want);
  const sinks = "metrics.write.a: { url: u }\nlogs.write.b:\n";
  f(`${sinks}logs.tail.c: { paths: [x], forward_to: [logs.write.b] }`, []);
  f(`${sinks}logs.tail.c: { paths: [x], forward_to: [metrics.write.a] }`, [
    "3:41 `metrics.write.a` accepts metrics, `logs.tail.c` emits logs",
  ]);
  f(`${sinks}metrics.scrape.c: { forward_to: [logs.write.b] }`, [
    "3:34 `logs.write.b` accepts logs, `metrics.scrape.c` emits metrics",
  ]);
  f(`${sinks}metrics.scrape.c: { targets: [logs.write.b], forward_to: [metrics.write.a] }`, [
    "3:31 `logs.write.b` emits nothing, not targets",
  ]);
  f(
    `${sinks}metrics.scrape.c: { forward_to: [metrics.write.a] }\nmetrics.scrape.d: { targets: [metrics.scrape.c], forward_to: [metrics.write.a] }`,
    ["4:31 `metrics.scrape.c` emits metrics, not targets"],
  );
});

test("references are checked in components that have other mistakes, and may lead to such", () => {
  expect(
    mistakes("metrics.write.a: {}\nmetrics.scrape.b: { limit: -1, forward_to: [metrics.write.a, metrics.write.x] }"),
  ).toEqual([
    "1:1 missing required field `url`",
    "2:28 `limit`: must be at least 0",
    "2:62 there is no component `metrics.write.x`; did you mean `metrics.write.a`?",
  ]);
});

test("a reference to a component of unknown type, or into a file that does not parse, is no second mistake", () => {
  expect(mistakes("metrics.wriet.a: {}\nmetrics.scrape.b: { forward_to: [metrics.wriet.a] }")).toEqual([
    "1:1 unknown component type `metrics.wriet`; did you mean `metrics.write`?",
  ]);
  expect(mistakes("metrics.scrape.b: { limit: x, forward_to: [metrics.write.a] }", "- no\n- mapping\n")).toEqual([
    "1:28 `limit`: expected a number, found text",
    "1:1 a config is a mapping of components, found a list",
  ]);
});

test("a reference may come from outside", () => {
  expect(mistakes('logs.write.b:\nlogs.tail.c: { paths: [x], forward_to: ["${env:WHERE}"] }')).toEqual([]);
});

test("a wiring list must be there where it is required, and name somebody", () => {
  const f = (text: string, want: readonly string[]) => expect(mistakes(text), text).toEqual(want);
  f("metrics.scrape.a:", ["1:1 missing required field `forward_to`"]);
  f("metrics.scrape.a: { forward_to: [] }", ["1:21 `forward_to` names no component"]);
  f("metrics.scrape.a: { forward_to: x }", ["1:33 `forward_to`: expected a list of component ids"]);
  f("metrics.scrape.a:\n  forward_to:\n", ["2:3 `forward_to`: expected a list of component ids"]);
  f("logs.write.b: { forward_to: [x] }", ["1:17 unknown field `forward_to`"]);
});

test("each kind of mistake is in words, at its place", () => {
  const f = (fields: string, want: readonly string[]) =>
    expect(mistakes(`metrics.write.a:\n  url: u\n${fields}`), fields).toEqual(want);
  f("  urll: u", ["3:3 unknown field `urll`; did you mean `url`?"]);
  f("  auth: [x]", ["3:3 `auth`: expected text or a mapping, found a list"]);
  f("  auth: { usr: u }", ["3:3 missing required field `user`", "3:11 unknown field `usr`; did you mean `user`?"]);
  f("  endpoints: [{ kind: htp, port: 1 }]", [
    "3:23 `endpoints[0].kind`: expected one of http, file; did you mean `http`?",
  ]);
  f("  endpoints: [{ port: 1 }]", ["3:15 missing required field `kind`"]);
  f('  endpoints: [{ kind: http, port: "1" }]', ["3:35 `endpoints[0].port`: expected a number, found text"]);
  f("  endpoints: [{ kind: http, port: 1.5 }]", ["3:35 `endpoints[0].port`: expected a whole number, found a number"]);
  f("  endpoints: {}", ["3:3 `endpoints`: expected a list, found a mapping"]);
  f("  version: ~", ["3:12 `version`: expected text, found nothing"]);
});

test("mistakes in what holds itself are found at any depth", () => {
  const text =
    "logs.process.a:\n  forward_to: [logs.write.b]\n  stages:\n    - match: { selector: x, stages: [{ match: { selector: y, stags: [] } }] }\nlogs.write.b:";
  expect(mistakes(text)).toEqual([
    "4:40 missing required field `stages`",
    "4:62 unknown field `stags`; did you mean `stages`?",
  ]);
});

test("a duration or a size without a unit is told to have one", () => {
  expect(
    mistakes("metrics.write.a: { url: u }\nmetrics.scrape.b: { interval: 15, forward_to: [metrics.write.a] }"),
  ).toEqual(['2:31 `interval`: "15" has no unit; write 15s for seconds']);
});

test("a message never repeats what came from outside", () => {
  expect(
    mistakes(
      "metrics.write.a: { url: u }\nmetrics.scrape.b:\n  interval: ${env:INTERVAL}\n  forward_to: [metrics.write.a]",
    ),
  ).toEqual(['3:13 `interval`: "${env:INTERVAL}" is not a duration; write 15s, 1m30s or 2h']);
});

test("an unquoted value is what the schema wants: text as it is spelled, or what YAML makes of it", () => {
  const f = (fields: string, want: object) =>
    expect(configOf(`metrics.write.a: { url: u, ${fields} }`)).toMatchObject(want);
  f("version: 1.10", { version: "1.10" });
  f("version: true", { version: "true" });
  f('version: "${env:DIGITS}"', { version: "0123" });
  expect(configOf("metrics.write.a:\n  url: u\n  version: ${env:DIGITS}")).toMatchObject({ version: "0123" });
  expect(configOf("metrics.write.a:\n  url: u\n  endpoints:\n  - { kind: http, port: 80 }")).toMatchObject({
    endpoints: [{ port: 80 }],
  });
  expect(configOf("metrics.write.a:\n  url: u\n  endpoints:\n  - kind: http\n    port: ${env:PORT}")).toMatchObject({
    endpoints: [{ port: 9090 }],
  });
});

test("a secret of digits is a secret, whether it is written or comes from outside", () => {
  const result = check(
    "metrics.write.a:\n  url: u\n  password: ${env:DIGITS}\nmetrics.write.b: { url: u, password: 0123 }",
  );
  const configs = result.ok ? result.config.components : [];
  const revealed = configs.map(({ config }) => (config as { password: { reveal(): string } }).password.reveal());
  expect(revealed).toEqual(["0123", "0123"]);
  expect(configs.map(({ shown }) => shown)).toEqual([
    { url: "u", password: "<secret>" },
    { url: "u", password: "<secret>" },
  ]);
});

test("an id in two files is a mistake that names both places, and so is a setting", () => {
  expect(mistakes("logs.write.b:\nlogging: {}\n", "\nlogs.write.b:\nlogging: {}\n")).toEqual([
    "2:1 `logs.write.b` is given twice; the first is at a.yaml:1:1",
    "3:1 `logging` is given twice; the first is at a.yaml:2:1",
  ]);
  expect(mistakes("logs.write.b:\nlogs.write.b:\n")).toEqual([
    "2:1 `logs.write.b` is given twice; the first is on line 1",
  ]);
});

test("the longest type that a key begins with is its component's", () => {
  const short = { ...fakeManifest.find(({ type }) => type === "logs.write")!, type: "logs" };
  const result = validate([parseConfigFile("a.yaml", "logs.write.b:\nlogs.write:\n")], [short, ...fakeManifest], {
    env: {},
    readFile: () => "",
  });
  expect(result.ok ? [] : result.diagnostics.map(({ message }) => message)).toEqual(["`logs.write` needs a label"]);
});

test("what people bring along from prometheus.yml is answered with its component", () => {
  const result = check("scrape_configs: []\nlogs.write.b:\n");
  expect(result.ok ? [] : result.diagnostics).toMatchObject([
    {
      message: "unknown setting `scrape_configs`",
      hint: "that is prometheus.yml's; here it is a component: prometheus.scrape.<label>",
    },
  ]);
});
