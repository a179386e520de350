import { expect, test } from "vitest";
import { discoveryEc2 } from "../../../src/components/discovery/ec2.ts";
import { startDiscovery } from "../../support/discovery-components.ts";
import { type FakeInstance, startFakeEc2 } from "../../support/fake-ec2.ts";

const keys = [{ accessKeyId: "AKIDMINE", secret: "canary" }];
const config = { access_key: "AKIDMINE", secret_key: "canary", region: "eu-west-1" };
const now = () => Date.UTC(2026, 0, 1);

test("instances that come and go are followed, and an outage keeps the last ones", async () => {
  let fleet: FakeInstance[] = [{ id: "i-1", privateIp: "10.0.0.1" }];
  let isDown = false;
  await using ec2 = await startFakeEc2({
    keys,
    now,
    instances: () => fleet,
    refuse: () => (isDown ? { status: 403, code: "UnauthorizedOperation", message: "no" } : undefined),
  });
  await using discovery = startDiscovery(discoveryEc2, { ...config, endpoint: ec2.url, refresh_interval: "10s" });
  await discovery.untilTargets(1);
  fleet = [...fleet, { id: "i-2", privateIp: "10.0.0.2" }];
  await discovery.untilTargets(2);
  isDown = true;
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toBe(
    "cannot list the instances of eu-west-1: DescribeInstances is refused: UnauthorizedOperation: no; " +
      "the last good targets stay until it is mended",
  );
  expect(discovery.addresses()).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
  isDown = false;
  fleet = [{ id: "i-2", privateIp: "10.0.0.2" }];
  await discovery.untilTargets(1);
  expect(discovery.health().state).toBe("healthy");
  expect(JSON.stringify([discovery.logs, discovery.running.debug?.()])).not.toContain("canary");
});

test.each([
  [{ region: "a", regions: ["b"] }, "regions: set either region or regions, not both"],
  [{ access_key: "a" }, "access_key: secret_key belongs to it; without both, credentials are looked for elsewhere"],
  [{ secret_key: "a" }, "secret_key: access_key belongs to it; without both, credentials are looked for elsewhere"],
  [{ external_id: "a" }, "external_id: is for a role; set role_arn too"],
  [{ endpoint: "ftp://x" }, "endpoint: expected a URL such as https://ec2.eu-west-1.amazonaws.com"],
])("%j is refused", (wrong, message) => {
  const { error } = discoveryEc2.config.safeParse(wrong);
  expect(error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)).toEqual([message]);
});
