import type { IncomingMessage, ServerResponse } from "node:http";
import { signRequest } from "../../src/lib/aws/sigv4.ts";
import { Secret } from "../../src/lib/secret.ts";
import { startHttpServer } from "./http-server.ts";

export interface FakeKeys {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken?: string;
}

/** One call that was let through. */
export interface FakeCall {
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly action: string;
  /** All others of the form. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface FakeRefusal {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
}

/** The inside of the answer's element, or a refusal. */
export type FakeAnswer = string | FakeRefusal;

/**
 * A server of AWS' Query protocol that is as strict as AWS: form, version, signature over exactly what was sent, clock,
 * known keys. `answer` is asked only for calls that hold.
 */
export async function startFakeAws({
  keys,
  now,
  answer,
}: {
  keys: readonly FakeKeys[];
  now: () => number;
  answer: (call: FakeCall) => FakeAnswer;
}) {
  const calls: FakeCall[] = [];
  const server = await startHttpServer((request, response) => {
    void readBody(request).then((body) => {
      try {
        const call = check(request, body, keys, now());
        calls.push(call);
        reply(response, call, answer(call));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        reply(response, { service: error.service, action: "" }, { status: error.status, code: error.code });
      }
    });
  });
  return { ...server, calls };
}

class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly service: string;

  constructor(status: number, code: string, service = "ec2") {
    super(code);
    this.status = status;
    this.code = code;
    this.service = service;
  }
}

const versions: Readonly<Record<string, string>> = { ec2: "2016-11-15", sts: "2011-06-15" };

function check(request: IncomingMessage, body: Buffer, keys: readonly FakeKeys[], now: number): FakeCall {
  if (request.method !== "POST" || request.url !== "/") throw new Refused(400, "InvalidRequest");
  if (request.headers["content-type"] !== "application/x-www-form-urlencoded; charset=utf-8") {
    throw new Refused(400, "InvalidContentType");
  }
  const { Action: action = "", Version: version, ...parameters } = Object.fromEntries(new URLSearchParams(`${body}`));
  if (action === "AssumeRoleWithWebIdentity") {
    if (request.headers.authorization !== undefined) throw new Refused(400, "SignatureNotWanted", "sts");
    if (version !== versions.sts) throw new Refused(400, "NoSuchVersion", "sts");
    return { service: "sts", region: "", accessKeyId: "", action, parameters };
  }
  const signature =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/(ec2|sts)\/aws4_request, SignedHeaders=([\w;-]+), Signature=[0-9a-f]{64}$/.exec(
      request.headers.authorization ?? "",
    );
  const [, accessKeyId = "", day, region = "", service = "", signed = ""] = signature ?? [];
  if (signature === null) throw new Refused(400, "MissingAuthenticationToken");
  if (version !== versions[service]) throw new Refused(400, "NoSuchVersion", service);
  const key = keys.find((known) => known.accessKeyId === accessKeyId);
  if (key === undefined) throw new Refused(401, service === "ec2" ? "AuthFailure" : "InvalidClientTokenId", service);
  checkSignature(request, body, { key, day, region, service, signed, now });
  return { service, region, accessKeyId, action, parameters };
}

function checkSignature(
  { headers }: IncomingMessage,
  body: Buffer,
  {
    key,
    day,
    region,
    service,
    signed,
    now,
  }: { key: FakeKeys; day: string | undefined; region: string; service: string; signed: string; now: number },
): void {
  const date = String(headers["x-amz-date"]);
  const time = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!date.startsWith(day ?? "-") || !(Math.abs(time - now) < 300_000))
    throw new Refused(400, "RequestExpired", service);
  for (const name of ["host", "x-amz-date", "content-type", ...(key.sessionToken ? ["x-amz-security-token"] : [])]) {
    if (!signed.split(";").includes(name)) throw new Refused(403, "IncompleteSignature", service);
  }
  if (headers["x-amz-security-token"] !== key.sessionToken) throw new Refused(401, "AuthFailure", service);
  const sent = signed.split(";").filter((name) => !/^(host|x-amz-date|x-amz-security-token)$/.test(name));
  const expected = signRequest({
    method: "POST",
    url: new URL(`http://${headers.host}/`),
    headers: Object.fromEntries(sent.map((name) => [name, String(headers[name])])),
    body,
    credentials: {
      accessKeyId: key.accessKeyId,
      secretAccessKey: new Secret(key.secret),
      ...(key.sessionToken !== undefined && { sessionToken: new Secret(key.sessionToken) }),
    },
    region,
    service,
    time,
  });
  if (expected.authorization !== headers.authorization) throw new Refused(403, "SignatureDoesNotMatch", service);
}

function reply(
  response: ServerResponse,
  { service, action }: { service: string; action: string },
  answer: FakeAnswer,
): void {
  response.setHeader("content-type", "text/xml;charset=UTF-8");
  if (typeof answer !== "string") {
    const error = `<Error><Code>${answer.code}</Code><Message>${answer.message ?? `it is ${answer.code}`}</Message></Error>`;
    const ec2 = `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`;
    const sts = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${error}<RequestId>r</RequestId></ErrorResponse>`;
    response.writeHead(answer.status).end(service === "ec2" ? ec2 : sts);
    return;
  }
  const inside =
    service === "sts" ? `<${action}Result>${answer}</${action}Result>` : `<requestId>r</requestId>${answer}`;
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://${service}.amazonaws.com/doc/">\n${inside}</${action}Response>`,
  );
}

/** What STS says for a role that may be assumed. */
export function fakeSession({ accessKeyId, secret, sessionToken = "" }: FakeKeys, expiration: number): string {
  return `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>
    <SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiration).toISOString()}</Expiration></Credentials>`;
}

/** Version 2 of the instance metadata service: no token, no answer. */
export async function startFakeImds(pages: () => Readonly<Record<string, string>>) {
  const issued: string[] = [];
  const server = await startHttpServer((request, response) => {
    const { method, url = "", headers } = request;
    if (method === "PUT" && url === "/latest/api/token") {
      if (headers["x-aws-ec2-metadata-token-ttl-seconds"] !== "21600") return response.writeHead(400).end();
      issued.push(`token-${issued.length}`);
      return response.end(issued.at(-1));
    }
    if (headers["x-aws-ec2-metadata-token"] !== issued.at(-1)) return response.writeHead(401).end();
    const page = pages()[url.replace("/latest/meta-data/", "")];
    return page === undefined ? response.writeHead(404).end() : response.end(page);
  });
  return { ...server, issued };
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => request.on("end", () => resolve(Buffer.concat(chunks))));
}
