import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type Answer, textAnswer } from "../../src/lib/http-answer.ts";
import { type Handler, listenHttp } from "../../src/lib/http-server.ts";
import { urlOf } from "../../src/lib/listen-address.ts";
import { ListenError } from "../../src/lib/listening/listen-error.ts";
import { FakeClock } from "../support/fake-clock.ts";

const loopback = { host: "127.0.0.1", port: 0 };
const remedy = { setting: "listen_address", suspect: "another sonde" };
const hello: Handler = () => Promise.resolve(textAnswer(200, "hello\n"));

function listen(handler: Handler = hello, clock = new FakeClock()) {
  return listenHttp({ address: loopback, handler, remedy, clock });
}

test("it tells the address that it got", async () => {
  const listener = await listen();
  expect(listener.address.host).toBe("127.0.0.1");
  expect(listener.address.port).toBeGreaterThan(0);
  expect(await (await fetch(urlOf(listener.address))).text()).toBe("hello\n");
  await listener.close();
});

test("an empty host is every interface", async () => {
  const listener = await listenHttp({ address: { host: "", port: 0 }, handler: hello, remedy });
  expect(await (await fetch(`http://127.0.0.1:${listener.address.port}`)).text()).toBe("hello\n");
  await listener.close();
});

test("an address that cannot be had is one line with the remedy", async () => {
  const listener = await listen();
  const f = (address: { host: string; port: number }, want: string) =>
    expect(listenHttp({ address, handler: hello, remedy })).rejects.toThrow(new ListenError(want));

  await f(
    listener.address,
    `cannot listen on 127.0.0.1:${listener.address.port}: the address is in use (is another sonde running? set listen_address)`,
  );
  await f(
    { host: "192.0.2.1", port: 9 },
    "cannot listen on 192.0.2.1:9: this machine has no such address (set listen_address)",
  );
  await f(
    { host: "2001:db8::1", port: 9 },
    "cannot listen on [2001:db8::1]:9: this machine has no such address (set listen_address)",
  );
  await listener.close();
});

test("closing does not wait for connections that are kept open, idle or halfway through a request", async () => {
  const listener = await listen();
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(get(urlOf(listener.address), { agent }), "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  const silent = connect(listener.address.port, "127.0.0.1");
  await once(silent, "connect");
  const halfway = connect(listener.address.port, "127.0.0.1");
  await once(halfway, "connect");
  await new Promise((resolve) => halfway.write("GET / HT", resolve));
  const ended = [silent, halfway].map(
    (socket) => new Promise((resolve) => socket.on("error", () => {}).on("close", resolve)),
  );
  await listener.close();
  await Promise.all(ended);
  agent.destroy();
});

test("an answer that is on its way is finished before the port closes", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Answer>();
  const listener = await listen(() => {
    asked.resolve();
    return answer.promise;
  });
  const body = fetch(urlOf(listener.address)).then((response) => response.text());
  await asked.promise;
  const closed = listener.close();
  answer.resolve(textAnswer(200, "late\n"));
  expect(await body).toBe("late\n");
  await closed;
});

test("an answer that takes too long is cut off", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const listener = await listen(() => {
    asked.resolve();
    return new Promise(() => {});
  }, clock);
  const body = fetch(urlOf(listener.address)).then(
    () => "answered",
    () => "cut off",
  );
  await asked.promise;
  const closed = listener.close();
  await clock.advance(2000);
  await closed;
  expect(await body).toBe("cut off");
});

test("HEAD gets the headers of GET and no body", async () => {
  const listener = await listen();
  const response = await fetch(urlOf(listener.address), { method: "HEAD" });
  expect([response.headers.get("content-length"), await response.text()]).toEqual(["6", ""]);
  await listener.close();
});
