import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type DebianArchive, debianArchive } from "./apt-sources.ts";
import { tempDir } from "./temp-dir.ts";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

test("the Debian mirror of a machine is found among its package sources", async () => {
  async function f(files: Record<string, string>, want: DebianArchive) {
    expect(await found(files)).toEqual(want);
  }
  await f(
    { "sources.list": "# cdrom\ndeb http://mirror.test/debian trixie main contrib\n" },
    { uris: "http://mirror.test/debian", signedBy: keyring },
  );
  await f(
    {
      "sources.list":
        "deb-src http://a.test/ sid main\ndeb [arch=amd64 signed-by=/k/debian-archive.pgp] http://b.test/ sid main\n",
    },
    { uris: "http://b.test/", signedBy: "/k/debian-archive.pgp" },
  );
  await f(
    {
      "sources.list.d/a.sources":
        "Types: deb\nURIs: http://vendor.test/debian\nSuites: trixie\nComponents: main\nSigned-By: /k/vendor.gpg\n",
      "sources.list.d/b.list": "deb http://security.test/ trixie-security main\n",
      "sources.list.d/c.sources":
        "# Two stanzas.\nTypes: deb\nURIs: http://off.test/\nSuites: trixie\nComponents: main\nEnabled: no\n\n" +
        `Types: deb deb-src\n# A comment.\nURIs: http://one.test/debian\n http://two.test/debian\nSuites: trixie trixie-updates\nComponents: main\nSigned-By: ${keyring}\n`,
    },
    { uris: "http://one.test/debian http://two.test/debian", signedBy: keyring },
  );
});

test("a machine without a Debian mirror is an error that says so", async () => {
  await expect(found({ "sources.list": "deb http://mirror.test/ubuntu noble main\n" })).rejects.toThrow(
    /^the package sources in .* name no Debian mirror$/,
  );
});

async function found(files: Record<string, string>): Promise<DebianArchive> {
  using dir = tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir.path, name)), { recursive: true });
    writeFileSync(join(dir.path, name), text);
  }
  return await debianArchive(dir.path);
}
