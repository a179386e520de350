import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DebianArchive {
  /** Mirrors, separated by spaces. */
  readonly uris: string;
  readonly signedBy: string;
}

interface Source {
  readonly types: string;
  readonly uris: string;
  readonly suites: string;
  readonly components: string;
  readonly signedBy: string | undefined;
}

const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const release = /(^| )(bullseye|bookworm|trixie|forky|duke|oldstable|stable|testing|unstable|sid)( |$)/;

/** The Debian mirror that this machine's own apt uses, found in `etc/apt`. */
export async function debianArchive(apt = "/etc/apt"): Promise<DebianArchive> {
  const sources = await aptSources(apt);
  const found = sources.find(isDebianArchive);
  if (found === undefined) throw new Error(`the package sources in ${apt} name no Debian mirror`);
  return { uris: found.uris, signedBy: found.signedBy ?? debianKeyring };
}

/** Other vendors' repositories may use Debian's suite names, and yet not Debian's keys. */
function isDebianArchive({ types, suites, components, signedBy }: Source): boolean {
  return (
    types.split(" ").includes("deb") &&
    release.test(suites) &&
    components.split(" ").includes("main") &&
    (signedBy === undefined || signedBy.includes("debian-archive"))
  );
}

async function aptSources(apt: string): Promise<Source[]> {
  const parts = await readdir(join(apt, "sources.list.d")).catch(() => []);
  const files = ["sources.list", ...parts.sort().map((name) => `sources.list.d/${name}`)];
  const sources: Source[] = [];
  for (const file of files) {
    const text = await readFile(join(apt, file), "utf8").catch(() => "");
    if (file.endsWith(".sources")) sources.push(...parseStanzas(text));
    if (file.endsWith(".list")) sources.push(...parseLines(text));
  }
  return sources;
}

/** One source a line (sources.list(5)): `deb [signed-by=/path] URI suite component …`. */
function parseLines(text: string): Source[] {
  const lines = text.matchAll(/^(deb)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]+)/gm);
  return Array.from(lines, ([, types = "", options = "", uris = "", suites = "", components = ""]) => ({
    types,
    uris,
    suites,
    components: components.trim().replace(/\s+/g, " "),
    signedBy: /\bsigned-by=(\S+)/.exec(options)?.[1],
  }));
}

/** One source a stanza of `Field: value` (deb822); a line that begins with a blank goes on with the one before. */
function parseStanzas(text: string): Source[] {
  const stanzas = text.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const fields = new Map(
      Array.from(stanza.matchAll(/^([A-Za-z-]+):((?:.*(?:\n[ \t].*)*))/gm), ([, name = "", value = ""]) => [
        name.toLowerCase(),
        value.trim().replace(/\s+/g, " "),
      ]),
    );
    if (fields.get("enabled") === "no") return [];
    return {
      types: fields.get("types") ?? "",
      uris: fields.get("uris") ?? "",
      suites: fields.get("suites") ?? "",
      components: fields.get("components") ?? "",
      signedBy: fields.get("signed-by"),
    };
  });
}
