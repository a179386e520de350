import { expect, test } from "vitest";
import { systemClock } from "../../../../src/lib/clock.ts";
import { fakeBus } from "../../../support/fake-bus.ts";
import { fakeLogind } from "../../../support/fake-systemd.ts";
import { fixtureExporter, gathered } from "../fixture-host.ts";

test("every kind of session has a series, with how many there are", async () => {
  await using bus = await fakeBus({ answer: fakeLogind });
  const { exporter } = fixtureExporter(["logind"], { systemBusAddress: bus.address, clock: systemClock });
  const lines = await gathered(exporter, "node_logind");
  exporter.close();
  expect(bus.complaints).toEqual([]);
  expect(lines).toHaveLength(3 * 2 * 7 * 5);
  expect(lines.filter((line) => !line.endsWith(" 0"))).toEqual([
    'node_logind_sessions{class="other",remote="false",seat="",type="other"} 1',
    'node_logind_sessions{class="user",remote="false",seat="seat0",type="tty"} 1',
    'node_logind_sessions{class="user",remote="false",seat="seat0",type="wayland"} 1',
    'node_logind_sessions{class="user",remote="true",seat="",type="tty"} 2',
  ]);
});
