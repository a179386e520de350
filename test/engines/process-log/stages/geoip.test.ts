import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OptionError } from "../../../../src/engines/process-log/stage.ts";
import { type Seen, stagesUnderTest } from "../../../support/stages.ts";

const file = readFileSync(join(import.meta.dirname, "../../../fixtures/log-line/places.mmdb"));

function located(options: object, ip: string): Seen["extracted"] | undefined {
  const stages = stagesUnderTest([{ geoip: { db: "places.mmdb", source: "ip", ...options } }], {
    readFile: () => file,
  });
  return stages.process({ extracted: { ip } })[0]?.extracted;
}

test("geoip extracts what the database knows of an address", () => {
  expect(located({ db_type: "country" }, "192.0.2.7")).toEqual({
    ip: "192.0.2.7",
    geoip_country_name: "Exampleland",
    geoip_country_code: "XA",
    geoip_continent_name: "Europe",
    geoip_continent_code: "EU",
  });
});

test("geoip extracts what JMESPath finds in the record", () => {
  const lookups = { custom_lookups: { where: "city.names.en", location: "", none: "city.names.xx" } };
  expect(located(lookups, "192.0.2.7")).toMatchObject({
    where: "Sampleton",
    location: expect.stringContaining("51.5"),
  });
  expect(located(lookups, "192.0.2.7")).not.toHaveProperty("none");
});

test.each(["", "no address", "203.0.113.99"])("geoip leaves alone what it does not find: %j", (ip) => {
  expect(located({ db_type: "city", custom_lookups: { x: "city" } }, ip)).toEqual({ ip });
});

test("geoip says what is wrong with its database", () => {
  const create = (content: Buffer) => () =>
    stagesUnderTest([{ geoip: { db: "places.mmdb", source: "ip", db_type: "asn" } }], { readFile: () => content });
  expect(create(Buffer.from("no database"))).toThrow(OptionError);
  expect(create(Buffer.from("no database"))).toThrow(/^cannot read places\.mmdb: /);
});
