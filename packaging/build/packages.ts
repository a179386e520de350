import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gz } from "./compress.ts";
import type { DebScripts } from "./deb.ts";
import type { Entry } from "./entry.ts";
import type { Product } from "./product.ts";
import { root } from "./root.ts";
import type { RpmScripts } from "./rpm.ts";

/** What only a Debian package has. */
export async function debianFiles(product: Product, copyright: string): Promise<Entry[]> {
  return [
    file("/usr/share/doc/sonde/copyright", copyright),
    { ...file("/usr/share/doc/sonde/changelog.gz", ""), content: await gz(Buffer.from(changelog(product))) },
    file("/usr/share/lintian/overrides/sonde", source("debian/lintian-overrides")),
  ];
}

export function debianScripts(): DebScripts {
  return { postinst: source("debian/postinst"), prerm: source("debian/prerm"), postrm: source("debian/postrm") };
}

/** What only an rpm package has. */
export function rpmFiles(copyright: string): Entry[] {
  return [
    { path: "/usr/share/licenses/sonde", mode: 0o755 },
    file("/usr/share/licenses/sonde/LICENSE", readFileSync(join(root, "LICENSE"), "utf8")),
    file("/usr/share/licenses/sonde/THIRD-PARTY", copyright),
  ];
}

export function rpmScripts(): RpmScripts {
  return {
    prein: source("rpm/prein"),
    postin: source("rpm/postin"),
    preun: source("rpm/preun"),
    postun: source("rpm/postun"),
  };
}

/** In the form that dpkg prescribes. What changed stands in CHANGELOG.md. */
function changelog({ name, version, maintainer, at }: Product): string {
  const date = new Date(at * 1000).toUTCString().replace("GMT", "+0000");
  return `${name} (${version}) stable; urgency=medium

  * Release ${version}.

 -- ${maintainer}  ${date}
`;
}

function source(path: string): string {
  return readFileSync(join(root, "packaging", path), "utf8");
}

function file(path: string, text: string): Entry {
  return { path, content: Buffer.from(text), mode: 0o644 };
}
