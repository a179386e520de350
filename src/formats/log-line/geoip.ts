import { isIP } from "node:net";
import { Reader, type Response } from "mmdb-lib";
import { type JsonObject, type JsonValue, plainNumber } from "./json-extract.ts";

/** What is known of addresses, in MaxMind's format. */
export interface GeoIpDatabase {
  /** What there is of an address; undefined if it is none or the database does not have it. */
  record(address: string): JsonObject | undefined;
}

/** The whole file. Throws an Error if it is no such database. */
export function readGeoIpDatabase(file: Buffer): GeoIpDatabase {
  const reader = new Reader<Response>(file);
  return {
    record: (address) =>
      isIP(address) === 0 ? undefined : ((reader.get(address) ?? undefined) as JsonObject | undefined),
  };
}

export type GeoIpType = "asn" | "city" | "country";

/** What the geoip stage of promtail and Alloy extracts of a record: names are English, what is absent is left out. */
export function geoIpFields(type: GeoIpType, record: JsonObject): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, path] of Object.entries(paths[type])) {
    const text = textAt(record, path);
    if (text !== "" && text !== "0") fields[name] = text;
  }
  if (type === "city") Object.assign(fields, location(record));
  return fields;
}

type Path = readonly (string | number)[];

const country: Readonly<Record<string, Path>> = {
  geoip_country_name: ["country", "names", "en"],
  geoip_country_code: ["country", "iso_code"],
  geoip_continent_name: ["continent", "names", "en"],
  geoip_continent_code: ["continent", "code"],
};

/** Of subdivisions, the last is the smallest. */
const paths: Readonly<Record<GeoIpType, Readonly<Record<string, Path>>>> = {
  country,
  city: {
    ...country,
    geoip_city_name: ["city", "names", "en"],
    geoip_postal_code: ["postal", "code"],
    geoip_timezone: ["location", "time_zone"],
    geoip_subdivision_name: ["subdivisions", -1, "names", "en"],
    geoip_subdivision_code: ["subdivisions", -1, "iso_code"],
  },
  asn: {
    geoip_autonomous_system_number: ["autonomous_system_number"],
    geoip_autonomous_system_organization: ["autonomous_system_organization"],
  },
};

/** Either coordinate may be 0; where both are, there are none. */
function location(record: JsonObject): Record<string, string> {
  const latitude = textAt(record, ["location", "latitude"]) || "0";
  const longitude = textAt(record, ["location", "longitude"]) || "0";
  if (latitude === "0" && longitude === "0") return {};
  return { geoip_location_latitude: latitude, geoip_location_longitude: longitude };
}

function textAt(record: JsonObject, path: Path): string {
  let value: JsonValue | undefined = record;
  for (const step of path) {
    if (Array.isArray(value)) value = typeof step === "number" ? value.at(step) : undefined;
    else value = typeof value === "object" && value !== null ? value[step] : undefined;
  }
  if (typeof value === "number") return plainNumber(value);
  return typeof value === "string" ? value : "";
}
