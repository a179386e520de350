import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ApiPlace, connectApi } from "../../../../src/engines/discovery/kubernetes/connection.ts";
import { makeCertificate } from "../../../support/certificate.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { startFakeKubernetes } from "../../../support/fake-kubernetes.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const never = new AbortController().signal;
const client = { followRedirects: true, userAgent: "sonde/test" };

async function answer(place: Partial<ApiPlace>, env: Record<string, string> = {}): Promise<string> {
  const connected = connectApi(
    { client, serviceAccountDir: "/nowhere", ...place },
    { clock: new FakeClock(), random: () => 0.5, env },
  );
  const { client: http, base, namespace } = await connected;
  try {
    const response = await http.request({ method: "GET", url: new URL("api/v1/pods", base), signal: never });
    await response.discard();
    return `${response.status} ${namespace}`;
  } finally {
    await http.close();
  }
}

const failure = (place: Partial<ApiPlace>) => answer(place).catch((error: Error) => error.message);

test("in a cluster, the address is in the environment, and the rest is mounted; the token may change", async () => {
  using dir = tempDir();
  const certificate = makeCertificate(dir.path);
  let token = "first";
  await using kubernetes = await startFakeKubernetes({ token: () => token, tls: certificate });
  mkdirSync(join(dir.path, "account"));
  const write = (name: string, text: string) => writeFileSync(join(dir.path, "account", name), text);
  write("ca.crt", certificate.cert);
  write("token", "first");
  write("namespace", "monitoring\n");
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(kubernetes.port) };
  const place = { serviceAccountDir: join(dir.path, "account") };
  expect(await answer(place, env)).toBe("200 monitoring");
  token = "second";
  expect(await answer(place, env)).toBe("401 monitoring");
  write("token", "second");
  expect(await answer(place, env)).toBe("200 monitoring");
});

test("outside of a cluster, something has to say where the API is", async () => {
  expect(await failure({})).toBe("this does not run in a Kubernetes cluster; set api_server or kubeconfig_file");
});

test("a kubeconfig says where, who and in which namespace", async () => {
  using dir = tempDir();
  const certificate = makeCertificate(dir.path);
  await using kubernetes = await startFakeKubernetes({ token: () => "canary", tls: certificate });
  const path = join(dir.path, "kubeconfig");
  const write = (cluster: string, user: string, context = "{ cluster: c, user: u, namespace: shop }") =>
    writeFileSync(
      path,
      `apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: other, context: {} }, { name: here, context: ${context} }]
clusters: [{ name: c, cluster: { server: "${kubernetes.url}", ${cluster} } }]
users: [{ name: u, user: ${user} }]
`,
    );
  const data = Buffer.from(certificate.cert).toString("base64");
  write(`certificate-authority-data: ${data}`, "{ token: canary }");
  expect(await answer({ kubeconfigFile: path })).toBe("200 shop");

  writeFileSync(join(dir.path, "ca.pem"), certificate.cert);
  writeFileSync(join(dir.path, "token"), "canary\n");
  write("certificate-authority: ca.pem", "{ tokenFile: token }", "{ cluster: c, user: u }");
  expect(await answer({ kubeconfigFile: path })).toBe("200 ");

  write("insecure-skip-tls-verify: true", "{ username: u, password: canary }");
  expect(await answer({ kubeconfigFile: path })).toBe("401 shop");

  const failures: string[] = [];
  write("", "{ exec: { command: aws } }");
  failures.push(await failure({ kubeconfigFile: path }));
  write("", "{}", "{ cluster: gone, user: u }");
  failures.push(await failure({ kubeconfigFile: path }));
  writeFileSync(path, "clusters: [");
  failures.push(await failure({ kubeconfigFile: path }));
  expect(failures.map((text) => text.replace(`cannot use the kubeconfig ${path}: `, ""))).toEqual([
    "its user gets a token from a program (exec), and Sonde starts none",
    'it has no cluster named "gone"',
    expect.stringMatching(/line 1/),
  ]);
});
