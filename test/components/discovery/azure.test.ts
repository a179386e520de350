import { expect, test } from "vitest";
import { discoveryAzure } from "../../../src/components/discovery/azure.ts";

function mistakes(config: object): string[] {
  const { error } = discoveryAzure.config.safeParse({ subscription_id: "s", ...config });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("what an authentication method needs has to be there", () => {
  expect(mistakes({})).toEqual(
    ["tenant_id", "client_id", "client_secret"].map((name) => `${name}: is needed by the authentication method OAuth`),
  );
  expect(mistakes({ tenant_id: "t", client_id: "c", client_secret: "s" })).toEqual([]);
  expect(mistakes({ authentication_method: "ManagedIdentity" })).toEqual([]);
  expect(mistakes({ authentication_method: "SDK" })).toEqual([]);
});

test("a cloud is known in any case, or is a mistake", () => {
  const method = { authentication_method: "SDK" };
  for (const environment of ["AZUREPUBLICCLOUD", "AzureChina", "AzureUSGovernment", "azurecloud"]) {
    expect(mistakes({ ...method, environment })).toEqual([]);
  }
  expect(mistakes({ ...method, environment: "AzureMoonCloud" })).toEqual([
    "environment: expected AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud",
  ]);
});
