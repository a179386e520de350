import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { manifestVersion } from "./bundle.ts";
import { root } from "./root.ts";

interface Bom {
  serialNumber: string;
  metadata: { timestamp: string; tools?: unknown; component: { name: string; type: string } };
  components: { name: string; scope?: string; "bom-ref": string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/**
 * What is in the program, as CycloneDX: npm's own list, cut to the packages of the bundle, and Node. npm's own cut to what
 * is not for development leaves out packages that something for development wants too. Equal for equal sources.
 */
export function sbom(at: number, packages: readonly string[]): string {
  const text = execFileSync("npm", ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const bom = JSON.parse(text) as Bom;
  const { tools: _, ...metadata } = bom.metadata;
  const kept = new Set(packages.map((name) => `${name}@${manifestVersion(`node_modules/${name}`)}`));
  const components = bom.components.filter((each) => kept.has(each["bom-ref"]));
  const ofSonde = (ref: string) => kept.has(ref) || ref === `sonde@${manifestVersion()}`;
  const component = { ...metadata.component, name: "sonde", type: "application" };
  const node = process.versions.node;
  const runtime = {
    "bom-ref": `node@${node}`,
    type: "platform",
    name: "node",
    version: node,
    scope: "required",
    purl: `pkg:generic/node@${node}`,
  };
  const stable = {
    ...bom,
    // Filled in below: of the content, not of the moment.
    serialNumber: "",
    metadata: { ...metadata, timestamp: new Date(at * 1000).toISOString(), component },
    components: [...components.map((each) => ({ ...each, scope: "required" })), runtime],
    dependencies: bom.dependencies
      .filter(({ ref }) => ofSonde(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) })),
  };
  return `${JSON.stringify({ ...stable, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(stable))}` }, null, 2)}\n`;
}

/** In the form of a random UUID, from a checksum. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
