import { type GeoIpDatabase, type GeoIpType, geoIpFields, readGeoIpDatabase } from "../../../formats/log-line/geoip.ts";
import { describeError } from "../../../lib/errors.ts";
import { compileLookups } from "../json-lookups.ts";
import { changing, OptionError, type StageKind, type StageSurroundings } from "../stage.ts";

export interface GeoipOptions {
  /** The path of a MaxMind database. */
  readonly db: string;
  /** The extracted value that holds the address. */
  readonly source: string;
  readonly db_type?: GeoIpType | undefined;
  /** Names of extracted values to JMESPath on the record of the address. */
  readonly custom_lookups: Readonly<Record<string, string>>;
}

/** What is not an address, or not in the database, stays as it is. */
export const geoip: StageKind<GeoipOptions> = {
  name: "geoip",
  create({ db, source, db_type, custom_lookups }, { readFile }) {
    const lookups = compileLookups(custom_lookups, "custom_lookups");
    if (db_type === undefined && lookups.length === 0) throw new OptionError([], "needs a db_type or custom_lookups");
    const database = openDatabase(db, readFile);
    return changing(({ extracted }) => {
      const record = database.record(extracted[source] ?? "");
      if (record === undefined) return;
      if (db_type !== undefined) Object.assign(extracted, geoIpFields(db_type, record));
      for (const [name, find] of lookups) {
        const value = find(record);
        if (value !== undefined) extracted[name] = value;
      }
    });
  },
};

/** Where files are not looked at, a database that knows nothing. */
function openDatabase(path: string, readFile: StageSurroundings["readFile"]): GeoIpDatabase {
  if (readFile === undefined) return { record: () => undefined };
  try {
    return readGeoIpDatabase(readFile(path));
  } catch (error) {
    throw new OptionError(["db"], `cannot read ${path}: ${describeError(error)}`);
  }
}
