import { expect, test } from "vitest";
import { ServiceManager } from "../../src/agent/service-manager.ts";
import { FakeClock } from "../support/fake-clock.ts";

function manager(env: Readonly<Record<string, string>>, error: Error | null = null) {
  const clock = new FakeClock();
  const sent: string[] = [];
  const failures: Error[] = [];
  const systemd = new ServiceManager({
    env,
    pid: 42,
    clock,
    write(descriptor, text, done) {
      sent.push(`${descriptor} ${text}`);
      done(error);
    },
    onFailure: (failure) => failures.push(failure),
  });
  return { systemd, clock, sent, failures };
}

test("systemd hears that the agent is ready, twice in each watchdog interval that it lives, and that it stops", async () => {
  const { systemd, clock, sent } = manager({ SONDE_NOTIFY_FD: "3", WATCHDOG_USEC: "120000000", WATCHDOG_PID: "42" });
  systemd.ready();
  await clock.advance(59_999);
  expect(sent).toEqual(["3 READY=1"]);
  await clock.advance(60_001);
  systemd.stopping();
  expect(sent).toEqual(["3 READY=1", "3 WATCHDOG=1", "3 WATCHDOG=1", "3 STOPPING=1"]);
  systemd.close();
  await clock.advance(600_000);
  expect(sent).toHaveLength(4);
});

test("a watchdog that is off, or watches another process, hears nothing of the loop", async () => {
  for (const env of [{}, { WATCHDOG_USEC: "0" }, { WATCHDOG_USEC: "120000000", WATCHDOG_PID: "41" }]) {
    const { systemd, clock, sent } = manager({ SONDE_NOTIFY_FD: "3", ...env });
    systemd.ready();
    await clock.advance(600_000);
    expect(sent).toEqual(["3 READY=1"]);
  }
});

test("without a descriptor nothing is sent", async () => {
  const { systemd, clock, sent } = manager({ WATCHDOG_USEC: "120000000" });
  systemd.ready();
  systemd.stopping();
  await clock.advance(600_000);
  expect(sent).toEqual([]);
});

test("a socket that takes nothing is told once, and tried again", async () => {
  const gone = new Error("ECONNREFUSED");
  const { systemd, clock, sent, failures } = manager({ SONDE_NOTIFY_FD: "3", WATCHDOG_USEC: "2000000" }, gone);
  systemd.ready();
  await clock.advance(2000);
  expect(sent).toEqual(["3 READY=1", "3 WATCHDOG=1", "3 WATCHDOG=1"]);
  expect(failures).toEqual([gone]);
});
