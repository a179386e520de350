import { request } from "node:http";
import { parseXmlRpc, type XmlRpcValue } from "../../formats/procfs/xml-rpc.ts";
import type { Clock } from "../../lib/clock.ts";

const deadlineMs = 10_000;
/** A server that answers without end must not take the agent's memory. */
const mostBytes = 16 * 2 ** 20;

/** Calls a method without arguments. The URL is `http://host:port/RPC2` or `unix:///path/of/socket`. */
export async function callXmlRpc(url: string, method: string, clock: Clock): Promise<XmlRpcValue> {
  try {
    return parseXmlRpc(
      await post(url, `<?xml version="1.0"?><methodCall><methodName>${method}</methodName></methodCall>`, clock),
    );
  } catch (cause) {
    throw new Error(`cannot call ${method} at ${withoutPassword(url)}`, { cause });
  }
}

function post(url: string, body: string, clock: Clock): Promise<string> {
  const { protocol, pathname, username, password } = new URL(url);
  const isUnix = protocol === "unix:";
  const headers = { "Content-Type": "text/xml", "Content-Length": Buffer.byteLength(body) };
  const auth = username === "" ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` };
  const options = { method: "POST", headers, agent: false, ...auth };
  return new Promise((resolve, reject) => {
    const target = isUnix ? { socketPath: decodeURIComponent(pathname), path: "/RPC2" } : new URL(url);
    const sent = isUnix ? request({ ...options, ...target }) : request(target as URL, options);
    const cancel = clock.after(deadlineMs, () => sent.destroy(new Error(`no answer within ${deadlineMs / 1000} s`)));
    sent.on("close", cancel).on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("error", reject);
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > mostBytes) sent.destroy(new Error("its answer has no end"));
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`it answers with status ${response.statusCode}`));
      });
    });
    sent.end(body);
  });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}
