import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");

/** DESIGN section 5. A name with a slash is one file or folder below the layer. */
const mayImport: Record<string, readonly string[]> = {
  lib: [],
  signals: ["lib"],
  formats: ["signals", "lib"],
  engines: ["formats", "signals", "lib"],
  "component.ts": ["config", "signals", "lib"],
  config: ["component.ts", "signals", "lib"],
  components: ["component.ts", "config/fields.ts", "config/fields", "engines", "formats", "signals", "lib"],
  graph: ["component.ts", "config", "signals", "lib"],
  http: ["graph", "lib"],
  agent: ["http", "graph", "components", "config", "component.ts", "engines", "formats", "signals", "lib"],
  cli: ["agent", "config", "components", "component.ts", "lib"],
  "main.ts": ["cli"],
};

/** Third-party packages are wrapped where they enter. */
const wrappers: Record<string, string | RegExp> = {
  yaml: /^lib\/yaml(-text)?\.ts$/,
  protobufjs: /^$/,
  snappyjs: /^$/,
  "@msgpack/msgpack": "lib/msgpack.ts",
  "prom-client": "agent/self-metrics.ts",
  re2js: "lib/re2.ts",
  bcryptjs: "lib/bcrypt.ts",
  "@jmespath-community/jmespath": "formats/log-line/json-extract.ts",
  "mmdb-lib": "formats/log-line/geoip.ts",
  systeminformation: "lib/system-information.ts",
  commander: /^cli\//,
  zod: /^(component\.ts|config\/.*|components\/.*|agent\/.*)$/,
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = globSync("**/*.ts", { cwd: src });
const imports = files.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

test("the import table is checked against real files", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(imports.length).toBeGreaterThan(50);
});

test("imports point down, as the table says", () => {
  const wrong = imports.filter(({ from, to }) => to.startsWith("./") && !isAllowed(from, to.slice(2)));
  expect(wrong.map(show)).toEqual([]);
});

test("engines, formats and components do not import their siblings", () => {
  const wrong = imports.filter(({ from, to }) => to.startsWith("./") && isSibling(from, to.slice(2)));
  expect(wrong.map(show)).toEqual([]);
});

test("each third-party package enters through its wrapper", () => {
  const wrong = imports.filter(({ from, to }) => {
    const wrapper = wrappers[to];
    if (to.startsWith("./") || to.startsWith("node:")) return false;
    return wrapper === undefined || (typeof wrapper === "string" ? wrapper !== from : !wrapper.test(from));
  });
  expect(wrong.map(show)).toEqual([]);
});

/** What a file imports, types too: paths below src as `./path`, packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  const specifiers = [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm,
    ),
  ];
  return specifiers.map(([, from, dynamic, bare]) => resolve(file, from ?? dynamic ?? bare ?? ""));
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return `./${relative(src, join(src, dirname(file), specifier))}`;
  return specifier.startsWith("node:")
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
}

function isAllowed(from: string, to: string): boolean {
  const layer = from.split("/")[0] ?? "";
  const allowed = mayImport[layer];
  if (allowed === undefined) return false;
  if (to.startsWith("..")) return from === "lib/version.ts" && to === "../package.json";
  return [layer, ...allowed].some((name) => to === name || to.startsWith(`${name}/`));
}

function isSibling(from: string, to: string): boolean {
  const [layer, part] = from.split("/");
  const [toLayer, toPart] = to.split("/");
  if (layer !== toLayer) return false;
  if (layer === "components") return from !== "components/index.ts";
  return (layer === "engines" || layer === "formats") && part !== toPart;
}

function show({ from, to }: Import): string {
  return `src/${from} imports ${to}`;
}
