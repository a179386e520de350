import { expect, test } from "vitest";
import { environmentIdentity } from "../../../src/lib/azure/identity.ts";

test("the environment says which identity it is, as for Azure's own tools", () => {
  const both = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c" };
  expect(environmentIdentity({ ...both, AZURE_CLIENT_SECRET: "s" }).kind).toBe("secret");
  expect(environmentIdentity({ ...both, AZURE_FEDERATED_TOKEN_FILE: "/f" }).kind).toBe("federated");
  expect(environmentIdentity(both)).toEqual({ kind: "managed", clientId: "c" });
  expect(environmentIdentity({ ...both, AZURE_CLIENT_SECRET: "s" }, "wanted")).toMatchObject({ tenantId: "wanted" });
  expect(environmentIdentity({})).toEqual({ kind: "managed" });
});
