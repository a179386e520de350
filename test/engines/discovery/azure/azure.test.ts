import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type AzureOptions, AzureSearch } from "../../../../src/engines/discovery/azure/azure.ts";
import type { Found } from "../../../../src/engines/discovery/search.ts";
import { HttpClient } from "../../../../src/lib/http-client.ts";
import { Secret } from "../../../../src/lib/secret.ts";
import { labelRecord } from "../../../../src/signals/labels.ts";
import { type FakeAzureOptions, startFakeAzure } from "../../../support/fake-azure.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const never = new AbortController().signal;
const secretIdentity = (secret: string) =>
  ({ kind: "secret", tenantId: "tenant-1", clientId: "client-1", clientSecret: new Secret(secret) }) as const;

async function start(options: Partial<AzureOptions> = {}, fake: FakeAzureOptions = {}) {
  const azure = await startFakeAzure(fake);
  const clock = new FakeClock();
  const client = new HttpClient({ followRedirects: false, userAgent: "sonde/test" });
  clients.push(client);
  const send = client.request.bind(client);
  const env = { IDENTITY_ENDPOINT: `${azure.url}/identity`, IDENTITY_HEADER: "header" };
  const search = new AzureSearch(
    {
      cloud: { login: azure.url, resourceManager: azure.url, audience: "audience", monitorAudience: "" },
      identity: secretIdentity("canary"),
      subscriptionId: "sub-1",
      tenantId: "tenant-1",
      port: 9100,
      refreshIntervalMs: 300_000,
      random: () => 0.5,
      ...options,
    },
    { send, sendLocally: send, clock, env },
  );
  const refresh = () => search.refresh(never);
  const failure = () => refresh().then(String, (error: Error) => error.message.replaceAll(azure.url.slice(7), "azure"));
  return { azure, clock, refresh, failure, [Symbol.asyncDispose]: () => azure.close() };
}

const labels = ({ groups }: Found) =>
  groups.flatMap(({ targets }) => targets.map((target) => labelRecord(target.labels)));
const addresses = (found: Found) => labels(found).map(({ __address__ }) => __address__);

test("machines and those of scale sets have all labels that Prometheus gives them", async () => {
  await using fake = await start();
  const found = await fake.refresh();
  expect(found.groups.map(({ source }) => source)).toEqual(["sub-1"]);
  expect(labels(found)).toEqual([
    {
      __address__: "10.0.0.1:9100",
      __meta_azure_machine_computer_name: "web-host",
      __meta_azure_machine_id:
        "/subscriptions/sub-1/resourceGroups/rg-one/providers/Microsoft.Compute/virtualMachines/web",
      __meta_azure_machine_location: "westeurope",
      __meta_azure_machine_name: "web",
      __meta_azure_machine_os_type: "Linux",
      __meta_azure_machine_private_ip: "10.0.0.1",
      __meta_azure_machine_public_ip: "52.0.0.1",
      __meta_azure_machine_resource_group: "rg-one",
      __meta_azure_machine_size: "Standard_B1s",
      __meta_azure_machine_tag_cost_center: "7",
      __meta_azure_machine_tag_env: "prod",
      __meta_azure_subscription_id: "sub-1",
      __meta_azure_tenant_id: "tenant-1",
    },
    {
      __address__: "[fd00::2]:9100",
      __meta_azure_machine_computer_name: "db-host",
      __meta_azure_machine_id:
        "/subscriptions/sub-1/resourceGroups/rg-two/providers/Microsoft.Compute/virtualMachines/db",
      __meta_azure_machine_location: "westeurope",
      __meta_azure_machine_name: "db",
      __meta_azure_machine_os_type: "Linux",
      __meta_azure_machine_private_ip: "fd00::2",
      __meta_azure_machine_resource_group: "rg-two",
      __meta_azure_machine_size: "Standard_B1s",
      __meta_azure_subscription_id: "sub-1",
      __meta_azure_tenant_id: "tenant-1",
    },
    {
      __address__: "10.0.0.4:9100",
      __meta_azure_machine_computer_name: "pool000000",
      __meta_azure_machine_id:
        "/subscriptions/sub-1/resourceGroups/RG-TWO/providers/Microsoft.Compute/virtualMachineScaleSets/pool/virtualMachines/0",
      __meta_azure_machine_location: "westeurope",
      __meta_azure_machine_name: "pool_0",
      __meta_azure_machine_os_type: "Windows",
      __meta_azure_machine_private_ip: "10.0.0.4",
      __meta_azure_machine_resource_group: "RG-TWO",
      __meta_azure_machine_scale_set: "pool",
      __meta_azure_machine_size: "Standard_B2s",
      __meta_azure_machine_tag_role: "worker",
      __meta_azure_subscription_id: "sub-1",
      __meta_azure_tenant_id: "tenant-1",
    },
  ]);
});

test("a resource group narrows down what is asked for", async () => {
  await using fake = await start({ resourceGroup: "rg-one" });
  expect(addresses(await fake.refresh())).toEqual(["10.0.0.1:9100"]);
});

test("network interfaces are asked for again after about five refreshes", async () => {
  await using fake = await start();
  const asked = () => fake.azure.requests.filter((request) => request.includes("web-nic")).length;
  await fake.refresh();
  await fake.clock.advance(5 * 300_000 - 1);
  await fake.refresh();
  expect(asked()).toBe(1);
  await fake.clock.advance(1);
  await fake.refresh();
  expect(asked()).toBe(2);
});

test("a token is kept until five minutes before its end, and dropped when it is refused", async () => {
  await using fake = await start();
  await fake.refresh();
  await fake.clock.advance(3_300_000 - 1);
  await fake.refresh();
  expect(fake.azure.issued()).toBe(1);
  await fake.clock.advance(1);
  await fake.refresh();
  expect(fake.azure.issued()).toBe(2);
  fake.azure.revoke();
  expect(await fake.failure()).toMatch(/answers HTTP status 401: it is ExpiredAuthenticationToken$/);
  expect(addresses(await fake.refresh())).toHaveLength(3);
});

test("throttling is a failure that says so", async () => {
  await using fake = await start();
  await fake.refresh();
  fake.azure.fail(429);
  expect(await fake.failure()).toBe(
    "azure/subscriptions/sub-1/providers/Microsoft.Compute/virtualMachines answers HTTP status 429: it is TooManyRequests",
  );
});

test("a wrong secret is a failure that does not repeat it", async () => {
  await using fake = await start({ identity: secretIdentity("canary-wrong") });
  expect(await fake.failure()).toBe("cannot get a token of Azure: HTTP status 401, invalid_client, AADSTS7000215");
});

test("the machine itself, or whom a file vouches for, may be the identity", async () => {
  await using managed = await start({ identity: { kind: "managed", clientId: "mine" } });
  expect(addresses(await managed.refresh())).toHaveLength(3);
  expect(managed.azure.requests[0]).toBe("/identity?api-version=2019-08-01&resource=audience&client_id=mine");

  using dir = tempDir();
  const tokenFile = join(dir.path, "token");
  writeFileSync(tokenFile, "jwt\n");
  await using federated = await start({
    identity: { kind: "federated", tenantId: "tenant-1", clientId: "client-1", tokenFile },
  });
  expect(addresses(await federated.refresh())).toHaveLength(3);
});
