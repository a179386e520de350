import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { geoIpFields, readGeoIpDatabase } from "../../../src/formats/log-line/geoip.ts";
import { compileJsonExpression } from "../../../src/formats/log-line/json-extract.ts";

// places.mmdb was written by github.com/maxmind/mmdbwriter v1: made-up places for the networks of documentation.
const file = readFileSync(join(import.meta.dirname, "../../fixtures/log-line/places.mmdb"));
const database = readGeoIpDatabase(file);

test("a city has all that the database knows of it", () => {
  expect(geoIpFields("city", database.record("192.0.2.7")!)).toEqual({
    geoip_city_name: "Sampleton",
    geoip_country_name: "Exampleland",
    geoip_country_code: "XA",
    geoip_continent_name: "Europe",
    geoip_continent_code: "EU",
    geoip_postal_code: "X1 2Y",
    geoip_timezone: "Europe/London",
    geoip_subdivision_name: "Small",
    geoip_subdivision_code: "SML",
    geoip_location_latitude: "51.5",
    geoip_location_longitude: "-0.125",
  });
});

test("a country and a network have less", () => {
  const record = database.record("192.0.2.255")!;
  expect(geoIpFields("country", record)).toEqual({
    geoip_country_name: "Exampleland",
    geoip_country_code: "XA",
    geoip_continent_name: "Europe",
    geoip_continent_code: "EU",
  });
  expect(geoIpFields("asn", record)).toEqual({
    geoip_autonomous_system_number: "64496",
    geoip_autonomous_system_organization: "Example Net",
  });
});

test("what is not known is left out", () => {
  expect(geoIpFields("city", database.record("198.51.100.1")!)).toEqual({ geoip_country_code: "XB" });
  expect(geoIpFields("asn", database.record("198.51.100.1")!)).toEqual({});
  expect(geoIpFields("city", database.record("2001:db8::1")!)).toEqual({
    geoip_city_name: "Sixton",
    geoip_location_latitude: "0",
    geoip_location_longitude: "7.25",
  });
});

test("expressions find more in a record", () => {
  const record = database.record("192.0.2.7")!;
  expect(compileJsonExpression("country.names.de")(record)).toBe("Exampleland (de)");
  expect(compileJsonExpression("subdivisions[*].iso_code")(record)).toBe('["BIG","SML"]');
});

test("addresses that are none, or unknown, have no record", () => {
  for (const address of ["", "host", "192.0.2", "203.0.113.1", "2001:db9::1", "192.0.2.7 "]) {
    expect(database.record(address), address).toBeUndefined();
  }
});

test.each([Buffer.alloc(0), Buffer.from("no database"), file.subarray(0, 200)])(
  "a file that is no database is refused",
  (bytes) => {
    expect(() => readGeoIpDatabase(bytes)).toThrow(/./);
  },
);
