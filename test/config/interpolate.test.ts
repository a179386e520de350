import { expect, test } from "vitest";
import { interpolate } from "../../src/config/interpolate.ts";
import { parseYamlTree, type YamlScalar } from "../../src/lib/yaml.ts";

const environment = {
  env: { HOST: "vm1", PORT: "9100", EMPTY: "", INJECT: "x\nevil: true", CREDENTIALS_DIRECTORY: "/run/credentials" },
  readFile(path: string): string {
    const files: Record<string, string> = { "/etc/sonde/token": "t0ken\n", "/run/credentials/write": "s3cret\n" };
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return text;
  },
};

function read(yaml: string) {
  const { root } = parseYamlTree(`v: ${yaml}\n`);
  const entry = root?.kind === "map" ? root.entries[0] : undefined;
  return interpolate(entry?.value as YamlScalar, environment, "/etc/sonde");
}

test("replaces references in values", () => {
  const f = (yaml: string, want: unknown) => expect(read(yaml).value, yaml).toEqual(want);
  f("${env:HOST}", "vm1");
  f('"http://${env:HOST}:${env:PORT}/x"', "http://vm1:9100/x");
  f("${env:NOPE:-fallback}", "fallback");
  f("${env:NOPE:-http://h:1/}", "http://h:1/");
  f("${env:HOST:-fallback}", "vm1");
  f("${env:EMPTY:-fallback}", "fallback");
  f("${env:EMPTY}", "");
  f("${file:token}", "t0ken");
  f("${file:/etc/sonde/token}", "t0ken");
  f("${credential:write}", "s3cret");
  f("plain", "plain");
});

test("an unquoted value that is one reference is read as YAML reads it; anything else is text", () => {
  const f = (yaml: string, want: unknown) => expect(read(yaml).value, yaml).toEqual(want);
  f("${env:PORT}", 9100);
  f('"${env:PORT}"', "9100");
  f("${env:NOPE:-true}", true);
  f(":${env:PORT}", ":9100");
});

test("leaves alone what belongs to relabel rules, and writes a literal reference", () => {
  const f = (yaml: string, want: unknown) => expect(read(yaml).value, yaml).toEqual(want);
  f("$1", "$1");
  f("${1}:80", "${1}:80");
  f("$${1}", "$${1}");
  f('"${name}-$2"', "${name}-$2");
  f('"$${env:HOST}"', "${env:HOST}");
});

test("a value brings no YAML along", () => {
  expect(read("${env:INJECT}").value).toBe("x\nevil: true");
});

test("says what is not there, and where it was asked for", () => {
  const f = (yaml: string, message: RegExp) => {
    const { mistakes } = read(yaml);
    expect(
      mistakes.map((mistake) => mistake.message),
      yaml,
    ).toEqual([expect.stringMatching(message)]);
  };
  f("${env:NOPE}", /^the environment variable `NOPE` is not set$/);
  f("${vault:x}", /^unknown source `vault`/);
  f("${file:gone}", /^cannot read \/etc\/sonde\/gone: /);
  f("${credential:gone}", /gone/);
  f("${credential:../etc/passwd}", /credential/);
  f("${env:NEVER_CLOSED", /^`\$\{env:NEVER_CLOSED` is not closed$/);
  f("${env:NO-NAME}", /^`NO-NAME` names no environment variable$/);
});
