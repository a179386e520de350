import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type CredentialOptions, CredentialSource, findRegion } from "../../../src/lib/aws/credentials.ts";
import type { AwsCredentials } from "../../../src/lib/aws/sigv4.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { Secret } from "../../../src/lib/secret.ts";
import {
  type FakeCall,
  type FakeKeys,
  type FakeRefusal,
  fakeSession,
  startFakeAws,
  startFakeImds,
} from "../../support/fake-aws.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const never = new AbortController().signal;
const mine: FakeKeys = { accessKeyId: "AKIDMINE", secret: "canary-mine" };
const role: FakeKeys = { accessKeyId: "ASIAROLE", secret: "canary-role", sessionToken: "session" };

/** The surroundings of a machine with an empty home and these variables. */
function machine(env: Record<string, string>, clock = new FakeClock()) {
  const client = new HttpClient({ followRedirects: false, userAgent: "sonde/test" });
  clients.push(client);
  const send = client.request.bind(client);
  return { send, sendLocally: send, clock, env: { HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true", ...env } };
}

function source(options: Partial<CredentialOptions>, env: Record<string, string> = {}, clock?: FakeClock) {
  return new CredentialSource({ sts: { region: "eu-west-1" }, ...options }, machine(env, clock));
}

const shown = ({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) =>
  [accessKeyId, secretAccessKey.reveal(), ...(sessionToken === undefined ? [] : [sessionToken.reveal()])].join(" ");
const found = async (credentials: CredentialSource) => shown(await credentials.get(never));
const failure = (credentials: CredentialSource) => credentials.get(never).then(String, (error: Error) => error.message);

function startSts(clock: FakeClock, refusal?: () => FakeRefusal | undefined) {
  return startFakeAws({
    keys: [mine, role],
    now: () => clock.now(),
    answer: () => refusal?.() ?? fakeSession(role, clock.now() + 3_600_000),
  });
}

/** Shared files with this content, as the environment names them. */
function sharedFiles(dir: string, config: string, credentials = ""): Record<string, string> {
  writeFileSync(join(dir, "config"), config);
  writeFileSync(join(dir, "credentials"), credentials);
  return { AWS_CONFIG_FILE: join(dir, "config"), AWS_SHARED_CREDENTIALS_FILE: join(dir, "credentials") };
}

test("keys of the config win over everything else", async () => {
  const env = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "canary" };
  expect(await found(source({ accessKey: "AKIDCONFIG", secretKey: new Secret("s") }, env))).toBe("AKIDCONFIG s");
});

test("keys of the environment win over the shared files, unless the config names a profile", async () => {
  using dir = tempDir();
  const env = {
    AWS_ACCESS_KEY_ID: "AKIDENV",
    AWS_SECRET_ACCESS_KEY: "e",
    AWS_SESSION_TOKEN: "t",
    ...sharedFiles(dir.path, "", "[prod]\naws_access_key_id = AKIDPROD\naws_secret_access_key = p # comment\n"),
  };
  expect(await found(source({}, env))).toBe("AKIDENV e t");
  expect(await found(source({ profile: "prod" }, env))).toBe("AKIDPROD p");
  expect(await failure(source({ profile: "test" }, env))).toBe("there is no profile test in the shared files of AWS");
});

test("both shared files are read, and the credentials file wins", async () => {
  using dir = tempDir();
  const config = "[default]\nregion = us-east-2\naws_access_key_id = A\naws_secret_access_key=a\ns3 =\n  region = x\n";
  const env = sharedFiles(
    dir.path,
    `${config}[profile other]\nregion=eu-north-1\n`,
    "[default]\naws_access_key_id=B\n",
  );
  expect(await found(source({}, env))).toBe("B a");
  expect(await found(source({}, { ...env, AWS_PROFILE: "default" }))).toBe("B a");
  expect(await findRegion(undefined, machine(env), never)).toBe("us-east-2");
  expect(await findRegion("other", machine(env), never)).toBe("eu-north-1");
  expect(await findRegion(undefined, machine({ ...env, AWS_REGION: "sa-east-1" }), never)).toBe("sa-east-1");
});

test("a role is assumed with the keys that are found, and kept until five minutes before it ends", async () => {
  const clock = new FakeClock();
  await using sts = await startSts(clock);
  const credentials = source(
    {
      accessKey: mine.accessKeyId,
      secretKey: new Secret(mine.secret),
      roleArn: "arn:aws:iam::1:role/r",
      externalId: "their id",
      sts: { region: "eu-west-1", endpoint: sts.url },
    },
    {},
    clock,
  );
  expect(await Promise.all([found(credentials), found(credentials)])).toEqual([
    "ASIAROLE canary-role session",
    "ASIAROLE canary-role session",
  ]);
  const call: FakeCall = {
    service: "sts",
    region: "eu-west-1",
    accessKeyId: "AKIDMINE",
    action: "AssumeRole",
    parameters: {
      RoleArn: "arn:aws:iam::1:role/r",
      RoleSessionName: "sonde",
      DurationSeconds: "3600",
      ExternalId: "their id",
    },
  };
  expect(sts.calls).toEqual([call]);
  await clock.advance(55 * 60_000 - 1);
  await found(credentials);
  expect(sts.calls).toHaveLength(1);
  await clock.advance(1);
  await found(credentials);
  expect(sts.calls).toHaveLength(2);
});

test("credentials that cannot be renewed are used until they end", async () => {
  const clock = new FakeClock();
  let refusal: FakeRefusal | undefined;
  await using sts = await startSts(clock, () => refusal);
  const roleArn = "arn:aws:iam::1:role/r";
  const keys = { accessKey: mine.accessKeyId, secretKey: new Secret(mine.secret) };
  const credentials = source({ ...keys, roleArn, sts: { region: "eu-west-1", endpoint: sts.url } }, {}, clock);
  await found(credentials);
  refusal = { status: 403, code: "AccessDenied", message: "not you" };
  await clock.advance(59 * 60_000);
  expect(await found(credentials)).toBe("ASIAROLE canary-role session");
  await clock.advance(60_000);
  expect(await failure(credentials)).toBe("AssumeRole is refused: AccessDenied: not you");
});

test("keys that STS does not know are a failure without secrets", async () => {
  const clock = new FakeClock();
  await using sts = await startSts(clock);
  const sourceOf = (accessKey: string, secret: string) =>
    source(
      {
        accessKey,
        secretKey: new Secret(secret),
        roleArn: "arn:aws:iam::1:role/r",
        sts: { region: "eu-west-1", endpoint: sts.url },
      },
      {},
      clock,
    );
  expect(await failure(sourceOf("AKIDWRONG", "canary"))).toMatch(/^AssumeRole is refused: InvalidClientTokenId/);
  expect(await failure(sourceOf(mine.accessKeyId, "canary"))).toMatch(/^AssumeRole is refused: SignatureDoesNotMatch/);
});

test("a profile may assume a role with the keys of another, and chains may not loop", async () => {
  using dir = tempDir();
  const clock = new FakeClock();
  await using sts = await startSts(clock);
  const config = `
[profile deploy]
role_arn = arn:aws:iam::1:role/deploy
source_profile = base
external_id = x
role_session_name = me
[profile self]
role_arn = arn:aws:iam::1:role/self
source_profile = self
aws_access_key_id = AKIDMINE
aws_secret_access_key = canary-mine
[profile env]
role_arn = arn:aws:iam::1:role/env
credential_source = Environment
[profile a]
role_arn = arn:aws:iam::1:role/a
source_profile = b
[profile b]
role_arn = arn:aws:iam::1:role/b
source_profile = a
[profile program]
credential_process = /bin/true
[profile login]
sso_session = s
[profile bare]
role_arn = arn:aws:iam::1:role/bare
[profile code]
role_arn = arn:aws:iam::1:role/code
source_profile = base
mfa_serial = m
`;
  const credentials = "[base]\naws_access_key_id = AKIDMINE\naws_secret_access_key = canary-mine\n";
  const env = { ...sharedFiles(dir.path, config, credentials), AWS_ENDPOINT_URL_STS: sts.url };
  const keys = { AWS_ACCESS_KEY_ID: mine.accessKeyId, AWS_SECRET_ACCESS_KEY: mine.secret };
  for (const profile of ["deploy", "self"]) {
    expect(await found(source({ profile }, env, clock))).toBe("ASIAROLE canary-role session");
  }
  expect(await found(source({ profile: "env" }, { ...env, ...keys }, clock))).toBe("ASIAROLE canary-role session");
  expect(sts.calls[0]?.parameters).toEqual({
    RoleArn: "arn:aws:iam::1:role/deploy",
    RoleSessionName: "me",
    DurationSeconds: "3600",
    ExternalId: "x",
  });
  const failures = await Promise.all(
    ["a", "program", "login", "bare", "code", "env"].map((profile) => failure(source({ profile }, env))),
  );
  expect(failures).toEqual([
    "profile a is its own source",
    "profile program gets its credentials from a program (credential_process), and Sonde starts none",
    "profile login needs somebody who logs in (sso)",
    "profile bare has a role_arn, but neither source_profile nor credential_source",
    "profile code needs somebody who types a code (mfa_serial)",
    "profile env wants the keys of the environment, which has none",
  ]);
});

test("a web identity token is exchanged without a signature", async () => {
  using dir = tempDir();
  const clock = new FakeClock();
  await using sts = await startSts(clock);
  const tokenFile = join(dir.path, "token");
  writeFileSync(tokenFile, "jwt\n");
  const env = {
    AWS_ROLE_ARN: "arn:aws:iam::1:role/pod",
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_ROLE_SESSION_NAME: "pod-1",
    AWS_ENDPOINT_URL_STS: sts.url,
  };
  expect(await found(source({}, env, clock))).toBe("ASIAROLE canary-role session");
  expect(sts.calls[0]).toMatchObject({
    action: "AssumeRoleWithWebIdentity",
    parameters: { RoleArn: "arn:aws:iam::1:role/pod", RoleSessionName: "pod-1", WebIdentityToken: "jwt" },
  });
});

test("an instance gives its region and its role's credentials to those who have a session", async () => {
  const expiration = "2026-01-01T06:00:00Z";
  const json = JSON.stringify({
    Code: "Success",
    AccessKeyId: "ASIAINSTANCE",
    SecretAccessKey: "i",
    Token: "t",
    Expiration: expiration,
  });
  const pages = {
    "placement/region": "ap-south-1",
    "iam/security-credentials/": "web-role\n",
    "iam/security-credentials/web-role": json,
  };
  await using imds = await startFakeImds(() => pages);
  const env = { AWS_EC2_METADATA_DISABLED: "", AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url };
  const credentials = source({}, env);
  expect(await found(credentials)).toBe("ASIAINSTANCE i t");
  expect((await credentials.get(never)).expiresAt).toBe(Date.parse(expiration));
  expect(imds.issued).toHaveLength(1);
  expect(await findRegion(undefined, machine(env), never)).toBe("ap-south-1");

  // The service has forgotten the session: a new one is asked for.
  imds.issued.push("other");
  credentials.forget();
  expect(await found(credentials)).toBe("ASIAINSTANCE i t");
});

test("an instance without a role, and no instance at all, are told apart", async () => {
  await using imds = await startFakeImds(() => ({}));
  const env = { AWS_EC2_METADATA_DISABLED: "", AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url };
  const nothing = "no AWS credentials: none in the config, the environment or the shared files, and";
  expect(await failure(source({}, env))).toBe(`${nothing} the instance has no role`);
  expect(await failure(source({}))).toBe(
    `${nothing} the instance metadata service is switched off by AWS_EC2_METADATA_DISABLED`,
  );
  const region = findRegion(undefined, machine(env), never);
  await expect(region).rejects.toThrow(/^no AWS region: .*, and the instance metadata service answers 404/);
});

test("a metadata service that does not answer is given up after two seconds", async () => {
  const asked = Promise.withResolvers<void>();
  await using silent = await startHttpServer(() => asked.resolve());
  const clock = new FakeClock();
  const env = { AWS_EC2_METADATA_DISABLED: "", AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.url };
  const failed = failure(source({}, env, clock));
  await asked.promise;
  await clock.advance(2_000);
  expect(await failed).toMatch(/the instance metadata service does not answer within 2s$/);
});

test("a container gets its credentials from its agent, and from nobody else", async () => {
  using dir = tempDir();
  const tokenFile = join(dir.path, "token");
  writeFileSync(tokenFile, "pod-token\n");
  await using agent = await startHttpServer((request, response) => {
    if (request.headers.authorization !== "pod-token") return response.writeHead(403).end();
    return response.end(JSON.stringify({ AccessKeyId: "ASIAPOD", SecretAccessKey: "p", Token: "t" }));
  });
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile };
  expect(await found(source({}, env))).toBe("ASIAPOD p t");
  expect(await failure(source({}, { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url }))).toMatch(/answers 403$/);
  expect(await failure(source({}, { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/x" }))).toMatch(
    /names example.com, which is not this host$/,
  );
});
