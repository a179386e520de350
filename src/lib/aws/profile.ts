/** The settings of one profile, keys in lower case. */
export type Profile = Readonly<Record<string, string>>;

/**
 * The profiles of the files that the AWS tools share (AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files"). Where both files know a key, the credentials file wins.
 */
export function parseProfiles(config: string, credentials: string): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  const add = (name: string, profile: Profile) => profiles.set(name, { ...profiles.get(name), ...profile });
  for (const [section, profile] of sections(config)) {
    const name = section === "default" ? section : /^profile\s+(.+)$/.exec(section)?.[1];
    // Other kinds of sections (sso-session, services) belong to other ways to log in.
    if (name !== undefined) add(unquoted(name.trim()), profile);
  }
  for (const [section, profile] of sections(credentials)) add(unquoted(section), profile);
  return profiles;
}

function sections(text: string): [name: string, Profile][] {
  const found: [string, Record<string, string>][] = [];
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]*)\]/.exec(line)?.[1];
    if (header !== undefined) found.push([header.trim(), {}]);
    // An indented line belongs to the nested settings of a service.
    const [, key, value = ""] = /^([^\s=#;[][^=]*)=(.*)$/.exec(line) ?? [];
    const section = found.at(-1);
    if (key !== undefined && section !== undefined) {
      section[1][key.trim().toLowerCase()] = value.replace(/\s[#;].*$/, "").trim();
    }
  }
  return found;
}

function unquoted(name: string): string {
  return /^"(.*)"$/.exec(name)?.[1] ?? name;
}
