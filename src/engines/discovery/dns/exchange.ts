import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { type DnsAnswer, decodeAnswer, encodeQuery } from "../../../formats/dns/message.ts";
import { canonicalName } from "../../../formats/dns/name.ts";
import type { RecordType } from "../../../formats/dns/record.ts";

export interface DnsQuestion {
  /** Unpredictable, so that nobody else can answer. */
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
}

/** `host:port`, the host an address. */
export type DnsServer = string;

/** Asks one server, over UDP, and over TCP where the answer is too long for that. Rejects when `signal` aborts. */
export async function askServer(server: DnsServer, question: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
  const answer = await askUdp(server, question, signal);
  return answer.isTruncated ? askTcp(server, question, signal) : answer;
}

function askUdp(server: DnsServer, question: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
  const query = encodeQuery(question.id, question.name, question.type);
  const { host, port } = addressOf(server);
  const socket = createSocket(isIPv6(host.split("%", 1)[0] ?? "") ? "udp6" : "udp4");
  return new Promise<DnsAnswer>((resolve, reject) => {
    onAbort(signal, reject);
    socket.on("error", reject);
    // Connected, so that the kernel takes datagrams of this server only, and tells when nobody listens there.
    socket.connect(port, host, () => socket.send(query, noteError));
    // What does not fit the question is somebody else's, or a late answer: the right one may still come.
    socket.on("message", (bytes) => {
      const answer = matching(question, bytes);
      if (answer !== undefined) resolve(answer);
    });
    function noteError(error: Error | null): void {
      if (error !== null) reject(error);
    }
  }).finally(() => socket.close());
}

/** Each message behind its length in two bytes (RFC 1035 section 4.2.2). */
function askTcp(server: DnsServer, question: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
  const query = encodeQuery(question.id, question.name, question.type);
  const socket = connect(addressOf(server));
  return new Promise<DnsAnswer>((resolve, reject) => {
    onAbort(signal, reject);
    socket.write(Buffer.concat([lengthOf(query), query]));
    let received = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed the connection")));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = matching(question, received.subarray(2, 2 + received.readUInt16BE(0)));
      if (answer === undefined) reject(new Error("the server's answer is to another question"));
      else resolve(answer);
    });
  }).finally(() => socket.destroy());
}

function matching({ id, name }: DnsQuestion, bytes: Buffer): DnsAnswer | undefined {
  try {
    const answer = decodeAnswer(bytes);
    return answer.id === id && answer.question.toLowerCase() === canonicalName(name).toLowerCase() ? answer : undefined;
  } catch {
    return undefined;
  }
}

function lengthOf(message: Buffer): Buffer {
  return Buffer.of(message.length >> 8, message.length & 0xff);
}

function onAbort(signal: AbortSignal, reject: (reason: unknown) => void): void {
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
}

function addressOf(server: DnsServer): { host: string; port: number } {
  const at = server.lastIndexOf(":");
  return { host: server.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(server.slice(at + 1)) };
}
