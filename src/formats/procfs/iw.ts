/** What `iw` tells of wireless devices, which it indents by tabs. */

export interface WifiInterface {
  readonly name: string;
  /** In MHz; 0 while it has no channel. */
  readonly frequency: number;
}

/** `iw dev`. Devices without a name (P2P) are left out. */
export function parseIwDev(text: string): WifiInterface[] {
  return sections(text, /^\tInterface (\S+)$/).map(([name, lines]) => {
    const [, frequency] = /^\t\tchannel \d+ \((\d+) MHz\)/m.exec(lines) ?? [];
    return { name, frequency: Number(frequency ?? 0) };
  });
}

export interface WifiLink {
  readonly bssid: string;
  readonly ssid: string;
  readonly mode: "client" | "ad-hoc";
}

/** `iw dev <name> link`; undefined if it is in no network. */
export function parseIwLink(text: string): WifiLink | undefined {
  const [, verb, bssid] = /^(Connected to|Joined IBSS) ([0-9a-f:]{17})/m.exec(text) ?? [];
  if (bssid === undefined) return undefined;
  const [, ssid = ""] = /^\tSSID: (.*)$/m.exec(text) ?? [];
  return { bssid, ssid: unescaped(ssid), mode: verb === "Connected to" ? "client" : "ad-hoc" };
}

export interface WifiStation {
  readonly address: string;
  /** By the name that iw gives them: `inactive time`, `rx bytes`, `signal`, `tx bitrate`, … Text begins with a number. */
  readonly values: ReadonlyMap<string, number>;
}

/** `iw dev <name> station dump`. */
export function parseIwStations(text: string): WifiStation[] {
  return sections(text, /^Station ([0-9a-f:]{17})\b.*$/).map(([address, lines]) => ({
    address,
    values: new Map(
      [...lines.matchAll(/^\t([^:\n]+):\s*(-?[0-9.]+)/gm)].map(([, name = "", value]) => [name.trim(), Number(value)]),
    ),
  }));
}

/** The lines below each line that matches, with what its group matched. */
function sections(text: string, heading: RegExp): [string, string][] {
  const found: [string, string][] = [];
  for (const line of text.split("\n")) {
    const name = heading.exec(line)?.[1];
    const last = found.at(-1);
    if (name !== undefined) found.push([name, ""]);
    // Less indented than a section's lines: the next device.
    else if (/^(phy#|\tUnnamed)/.test(line)) found.push(["", ""]);
    else if (last !== undefined) last[1] += `${line}\n`;
  }
  return found.filter(([name]) => name !== "");
}

/** iw prints bytes that are no ASCII as `\xc3`. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes.replaceAll("\\\\", "\\"), "latin1").toString("utf8");
}
