/** `ethtool -i`: lines `name: value`. */
export function parseEthtoolDriver(text: string): ReadonlyMap<string, string> {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return new Map(pairs);
}

/** `ethtool -S`: counters by the names that the driver gives them, which may hold any character. */
export function parseEthtoolStatistics(text: string): ReadonlyMap<string, number> {
  const pairs = [...text.matchAll(/^\s+(\S.*?)\s*:\s*([0-9]+)\s*$/gm)];
  return new Map(pairs.map(([, name = "", value]) => [name, Number(value)]));
}

export interface LinkModes {
  /** `1000baseT/Full` */
  readonly modes: readonly string[];
  readonly pause: boolean;
  readonly asymmetricPause: boolean;
  readonly autonegotiation: boolean;
}

export interface LinkSettings {
  /** `TP`, `MII`, `FIBRE`, … */
  readonly ports: readonly string[];
  readonly supported: LinkModes;
  readonly advertised: LinkModes;
  readonly autonegotiation: boolean;
}

/** `ethtool <device>`; undefined if the driver tells nothing of links. Lists go on in lines without a name. */
export function parseEthtoolLink(text: string): LinkSettings | undefined {
  const values = new Map<string, string>();
  let last = "";
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^\t([A-Z][^:]*):\s*(.*)$/.exec(line) ?? [];
    last = name ?? last;
    if (name === undefined) values.set(last, `${values.get(last) ?? ""} ${line.trim()}`);
    else values.set(name, value);
  }
  const value = (name: string) => values.get(name) ?? "";
  const list = (name: string) =>
    value(name)
      .split(/\s+/)
      .filter((word) => /^[0-9A-Za-z]+[/_a-zA-Z0-9]*$/.test(word));
  if (!values.has("Supported link modes")) return undefined;
  const modes = (word: "Supported" | "Advertised", negotiation: string): LinkModes => ({
    modes: list(`${word} link modes`).filter((mode) => /^[0-9]+base/.test(mode)),
    // `Symmetric`, `Symmetric Receive-only`, `Transmit-only`, `No`
    pause: value(`${word} pause frame use`).includes("Symmetric"),
    asymmetricPause: value(`${word} pause frame use`).includes("-only"),
    autonegotiation: value(negotiation) === "Yes",
  });
  return {
    ports: list("Supported ports"),
    supported: modes("Supported", "Supports auto-negotiation"),
    advertised: modes("Advertised", "Advertised auto-negotiation"),
    autonegotiation: value("Auto-negotiation") === "on",
  };
}
