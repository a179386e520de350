import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./root.ts";

export interface Bundle {
  /** One CommonJS file: what a single executable runs. */
  readonly code: string;
  /** Leads from a place in the code back to the sources. */
  readonly map: string;
  /** The npm packages that are in it, in the order of their names. */
  readonly packages: readonly string[];
}

/** The program and all that it imports, minified. Imports that are made late stay late: their code runs on first use. */
export async function bundle(): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    outfile: "sonde.cjs",
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    minify: true,
    // With a code cache, a single executable cannot import(); what is imported late is Node's own and can be required.
    supported: { "dynamic-import": false },
    sourcemap: "external",
    sourcesContent: false,
    plugins: [englishOnly],
    legalComments: "none",
    metafile: true,
    write: false,
    // The one file that asks where it lies does so only outside of an executable.
    logOverride: { "empty-import-meta": "silent" },
    logLevel: "warning",
  });
  const text = (end: string) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  const packages = Object.keys(result.metafile.inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return { code: text(".cjs"), map: text(".map"), packages: [...new Set(packages)].toSorted() };
}

/** zod brings its messages in fifty languages, all of which are loaded at the start. Sonde speaks one. */
const englishOnly: Plugin = {
  name: "english-only",
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.[cm]?js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** Files that the program reads while it runs, by the name under which it asks for them. */
export function assets(): ReadonlyMap<string, string> {
  const names = ["style.css", "refresh.js"];
  const folder = join(root, "src/http/ui");
  return new Map(names.map((name) => [`ui/${name}`, join(folder, name)]));
}

/** The version of Sonde, or of what lies in a folder of the repository. */
export function manifestVersion(folder = ""): string {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).version;
}
