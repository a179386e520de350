import { expect, test } from "vitest";
import { discoveryProcess } from "../../../src/components/discovery/process.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import { startDiscovery } from "../../support/discovery-components.ts";

test("this very process is found, and what is to be joined is passed on as soon as it comes", async () => {
  await using discovery = startDiscovery(discoveryProcess, {});
  const own = await discovery.until(() =>
    discovery.targets().find(({ __process_pid__ }) => __process_pid__ === String(process.pid)),
  );
  expect(own).toMatchObject({
    __meta_process_cwd: process.cwd(),
    __meta_process_exe: process.execPath,
    __meta_process_uid: String(process.getuid?.()),
  });
  const joined = { source: "docker", targets: [{ labels: labelsFrom({ pod: "p", __container_id__: "c" }) }] };
  await discovery.running.input?.receive([joined]);
  await discovery.until(() => discovery.targets().some(({ pod }) => pod === "p"));
});
