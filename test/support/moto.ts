import { globSync } from "node:fs";
import { join } from "node:path";
import { unpackedPackages } from "./debian-packages.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./http-server.ts";
import { TestProcess } from "./process.ts";

/**
 * The python3-moto of Debian with everything that it needs, down to the C library: what
 * `apt-get install --simulate --no-install-recommends python3-moto python3-flask-cors` names on an empty system, without
 * what only sets a system up.
 */
const packages = [
  ...["libbz2-1.0", "libc6", "libexpat1", "libffi8", "libgcc-s1", "liblzma5", "libsqlite3-0", "libssl3t64", "libuuid1"],
  ...["libyaml-0-2", "libzstd1", "zlib1g", "libpython3.14-minimal", "libpython3.14-stdlib", "python3.14-minimal"],
  ...["python3-antlr4", "python3-bcrypt", "python3-blinker", "python3-boto3", "python3-botocore"],
  ...["python3-certifi", "python3-cffi-backend", "python3-chardet", "python3-charset-normalizer", "python3-click"],
  ...["python3-cryptography", "python3-dateutil", "python3-flask", "python3-flask-cors", "python3-idna"],
  ...["python3-itsdangerous", "python3-jinja2", "python3-jmespath", "python3-markupsafe", "python3-moto"],
  ...["python3-requests", "python3-responses", "python3-s3transfer", "python3-six", "python3-urllib3"],
  ...["python3-werkzeug", "python3-xmltodict", "python3-yaml"],
];

/**
 * A moto server on loopback: EC2, IAM and STS behind one address. The first `freeActions` calls are not checked; from then
 * on moto verifies the signature and the permissions of every call.
 */
export async function startMoto({ freeActions }: { freeActions: number }) {
  const folders = [...(await unpackedPackages(packages)).values()];
  const found = (pattern: string) =>
    folders.flatMap((folder) => globSync(pattern, { cwd: folder }).map((at) => join(folder, at)));
  const libraries = found("usr/lib/*-linux-gnu");
  const [loader = ""] = found("usr/lib/*-linux-gnu/ld-linux-*.so.*");
  const [python = ""] = found("usr/bin/python3.14");
  const modules = ["usr/lib/python3.14", "usr/lib/python3.14/lib-dynload", "usr/lib/python3/dist-packages"].flatMap(
    found,
  );
  const port = await freePort();
  const args = [
    "--library-path",
    libraries.join(":"),
    python,
    "-s",
    "-m",
    "moto.server",
    "-H",
    "127.0.0.1",
    "-p",
    `${port}`,
  ];
  const child = new TestProcess(loader, args, {
    env: {
      PYTHONHOME: "/nowhere",
      PYTHONPATH: modules.join(":"),
      PYTHONDONTWRITEBYTECODE: "1",
      INITIAL_NO_AUTH_ACTION_COUNT: String(freeActions),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => child.stop().then(() => {});
  try {
    await eventually(async () => {
      const { status } = await fetch(`${url}/moto-api/`);
      if (status !== 200) throw new Error(`moto answers ${status}`);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}
