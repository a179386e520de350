import { lines } from "./text.ts";

/** What the database of PCI IDs calls things; what it does not know is called by its number. */
export interface PciNames {
  /** All in hexadecimal, without 0x. */
  vendor(vendor: string): string;
  device(vendor: string, device: string): string;
  subsystem(vendor: string, device: string, subVendor: string, subDevice: string): string;
  /** Six digits: the programming interface's name, else the subclass', else the class'. */
  classOf(id: string): string;
}

/**
 * The file pci.ids, by depth of its tabs:
 *
 *     8086  Intel Corporation                    C 01  Mass storage controller
 *     ⇥0a54  NVMe Datacenter SSD                 ⇥08  Non-Volatile memory controller
 *     ⇥⇥108e 4802  NVMe PCIe 3.0 SSD 6.4TB       ⇥⇥02  NVM Express
 *
 * A name is kept under the numbers that lead to it: `8086/0a54/108e 4802`, `C 01/08/02`.
 */
export function parsePciIds(text: string): PciNames {
  const names = new Map<string, string>();
  const path: string[] = [];
  for (const line of lines(text)) {
    const [, tabs = "", id, name] = /^(\t{0,2})([^\t#].*?) {2}(.*)$/.exec(line) ?? [];
    if (id === undefined || name === undefined) continue;
    path.length = Math.min(path.length, tabs.length);
    path.push(id.trim());
    names.set(path.join("/"), name.trim());
  }
  return {
    vendor: (vendor) => names.get(vendor) ?? vendor,
    device: (vendor, device) => names.get(`${vendor}/${device}`) ?? device,
    subsystem: (vendor, device, subVendor, subDevice) =>
      names.get(`${vendor}/${device}/${subVendor} ${subDevice}`) ?? subDevice,
    classOf(id) {
      const [base, sub, interfaceId] = [`C ${id.slice(0, 2)}`, id.slice(2, 4), id.slice(4, 6)];
      const name = names.get(`${base}/${sub}/${interfaceId}`) ?? names.get(`${base}/${sub}`) ?? names.get(base);
      return name ?? `Unknown class (${id})`;
    },
  };
}
