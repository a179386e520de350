import { deflateSync, gzipSync } from "node:zlib";
import {
  comesAndGoes,
  openMetricsType,
  type Page,
  protobufType,
  type ScrapeCase,
  textPage,
  textType,
} from "./scrape-case.ts";

/** What the answer says about its body: status, Content-Type, Content-Encoding, length; and answers that are broken. */
export function httpCorpus(): ScrapeCase[] {
  return [
    ...contentTypes.map((contentType) =>
      httpCase(`type ${JSON.stringify(contentType) ?? "missing"}`, { body: "a 1\n", contentType }),
    ),
    ...["text/html", undefined, "text/plain; version=", openMetricsType].map((contentType) =>
      httpCase(`empty body of type ${contentType ?? "missing"}`, { body: "", contentType }),
    ),
    ...["fallback text", "fallback OpenMetrics", "fallback protobuf"].flatMap((job) =>
      ["text/html", undefined, "text/plain; version=", textType, openMetricsType, protobufType].map((contentType) =>
        httpCase(`${job}: type ${contentType ?? "missing"}`, { body: "a 1\n# EOF\n", contentType }, job),
      ),
    ),
    httpCase("text where protobuf is wanted", textPage("a 1\n"), "protobuf first"),
    ...statuses.map((status) => httpCase(`status ${status}`, { ...textPage("a 1\n"), status })),
    ...Object.entries(redirects).flatMap(([name, page]) => [
      httpCase(name, page),
      httpCase(`no redirects: ${name}`, page, "no redirects"),
    ]),
    ...Object.entries(encodings()).map(([name, page]) => httpCase(name, page)),
    ...Object.entries(invalidText).map(([name, body]) => httpCase(name, textPage(body))),
    // A broken answer may be asked for again at once, so it stays the same at each request.
    ...Object.entries(rawAnswers).map(([name, raw]) => ({
      name: `HTTP: ${name}`,
      job: "default",
      pages: [{ body: "", raw }],
    })),
  ];
}

function httpCase(name: string, page: Page, job = "default"): ScrapeCase {
  return { name: `HTTP: ${name}`, job, pages: comesAndGoes(page) };
}

const contentTypes: readonly (string | undefined)[] = [
  undefined,
  ...["", " ", "text/plain", "TEXT/PLAIN", "text/plain;", "text/plain; version=0.0.4", "text/plain; version=1.0.0"],
  ...["text/plain; version=7", "text/plain; version=", "text/plain;;", "text/plain, text/html", "text/", "text"],
  ...["text/plain; charset=utf-16", 'text/plain; version="0.0.4"', "text/plain; a=b; a=b", "text/plain; a=b; a=c"],
  ...["text/plain; x", "text/plain ; version=0.0.4", "text/plain; version = 0.0.4", "text /plain", "text/html"],
  ...["application/json", "application/octet-stream", "application/openmetrics-text", "Application/OpenMetrics-Text"],
  ...["application/vnd.google.protobuf", "application/vnd.google.protobuf; proto=x; encoding=text", "*/*", "/", ";"],
  ...['text/plain; a="', 'text/plain; a="b', "text/plain; =b", "text/plain; a*=utf-8''b", "text/plain\t"],
];

const statuses = [201, 202, 203, 206, 299, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 504, 599];

const redirects: Record<string, Page> = {
  ...Object.fromEntries(
    [300, 301, 302, 303, 304, 307, 308].map((status) => [
      `status ${status} to another page`,
      { ...textPage(""), status, headers: { Location: "/elsewhere" } },
    ]),
  ),
  "status 302 without a place": { ...textPage("a 1\n"), status: 302 },
  "status 302 to another scheme": { ...textPage("a 1\n"), status: 302, headers: { Location: "ftp://127.0.0.1/" } },
  "status 302 to nothing that listens": { ...textPage(""), status: 302, headers: { Location: "http://127.0.0.1:1/" } },
  "status 302 to what is no address": { ...textPage(""), status: 302, headers: { Location: "http://[::1" } },
};

const encodings = (): Record<string, Page> => {
  const body = "a 1\nb 2\n";
  const zipped = gzipSync(body);
  const page = (content: Buffer | string, encoding: string): Page => ({
    body: content,
    contentType: textType,
    headers: { "Content-Encoding": encoding },
  });
  const damaged = Buffer.from(zipped);
  damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
  return {
    gzip: page(zipped, "gzip"),
    "gzip in capitals": page(zipped, "GZIP"),
    "x-gzip": page(zipped, "x-gzip"),
    "gzip twice in the header": page(zipped, "gzip, gzip"),
    "gzip of nothing": page(gzipSync(""), "gzip"),
    "gzip, but empty": page("", "gzip"),
    "gzip, but plain": page(body, "gzip"),
    "gzip of two members": page(Buffer.concat([gzipSync("a 1\n"), gzipSync("b 2\n")]), "gzip"),
    "gzip, cut": page(zipped.subarray(0, -9), "gzip"),
    "gzip, cut in the header": page(zipped.subarray(0, 5), "gzip"),
    "gzip, cut in the checksum": page(zipped.subarray(0, -2), "gzip"),
    "gzip with a wrong checksum": page(damaged, "gzip"),
    "gzip and garbage behind it": page(Buffer.concat([zipped, Buffer.from("garbage")]), "gzip"),
    "gzip and zero bytes behind it": page(Buffer.concat([zipped, Buffer.alloc(8)]), "gzip"),
    "gzip and a broken second member": page(Buffer.concat([zipped, zipped.subarray(0, 12)]), "gzip"),
    "gzip without the header": { body: zipped, contentType: textType },
    "gzip in gzip": page(gzipSync(zipped), "gzip"),
    deflate: page(deflateSync(body), "deflate"),
    identity: page(body, "identity"),
    "an unknown encoding": page(body, "br"),
  };
};

const invalidText: Record<string, Buffer> = {
  "invalid UTF-8 in a label value": Buffer.from('a{b="\xff"} 1\n', "latin1"),
  "invalid UTF-8 in HELP": Buffer.from("# HELP a \xff\na 1\n", "latin1"),
  "invalid UTF-8 in a comment": Buffer.from("# \xff\na 1\n", "latin1"),
  "invalid UTF-8 in a name": Buffer.from("a\xff 1\n", "latin1"),
  "invalid UTF-8 in a quoted name": Buffer.from('{"a\xff"} 1\n', "latin1"),
  "invalid UTF-8 in a quoted label name": Buffer.from('a{"b\xff"="c"} 1\n', "latin1"),
  "invalid UTF-8 in an empty label's name": Buffer.from('a{"b\xff"=""} 1\n', "latin1"),
  "invalid UTF-8 in a value": Buffer.from("a 1\xff\n", "latin1"),
  "overlong UTF-8": Buffer.from('a{b="\xc0\xaf"} 1\n', "latin1"),
  "surrogate in UTF-8": Buffer.from('a{b="\xed\xa0\x80"} 1\n', "latin1"),
  "cut UTF-8": Buffer.from('a{b="\xe2\x82"} 1\n', "latin1"),
  "UTF-8 beyond the last code point": Buffer.from('a{b="\xf4\x90\x80\x80"} 1\n', "latin1"),
  "UTF-16": Buffer.from("\ufeffa 1\n", "utf16le"),
};

const rawAnswers: Record<string, string> = {
  "nothing at all": "",
  garbage: "garbage garbage garbage\r\n\r\n",
  "cut in the headers": "HTTP/1.1 200 OK\r\nContent-Type: text/pl",
  "shorter than its length": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\na 1\n",
  "until the connection ends": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\na 1\n",
  "HTTP 1.0": "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\n",
  "a reason of its own": "HTTP/1.1 200 Fine by me\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\na 1\n",
  chunks: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\n0\r\n\r\n",
  "chunks without an end":
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\n",
  "chunks of a broken size":
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nx\r\na 1\n\r\n0\r\n\r\n",
  "two types":
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\na 1\n",
  "two types, the first unknown":
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\na 1\n",
  "a length that is no number": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: x\r\n\r\na 1\n",
  "a length below zero": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: -1\r\n\r\na 1\n",
};
