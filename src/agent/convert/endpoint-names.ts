import type { YamlNode } from "../../lib/yaml.ts";
import { child, entriesOf, entry, literal, map, textOf } from "./nodes.ts";

/** Endpoints of one component, with a name where two of them would be called by the same host. */
export function withNames(endpoints: readonly YamlNode[]): YamlNode[] {
  const taken = new Set<string>();
  return endpoints.map((endpoint) => {
    const url = textOf(child(endpoint, "url")) ?? "";
    const own = textOf(child(endpoint, "name"));
    const wanted = own ?? URL.parse(url)?.host ?? url;
    let name = wanted;
    for (let at = 2; taken.has(name); at++) name = `${wanted}_${at}`;
    taken.add(name);
    if (name === wanted) return endpoint;
    const others = entriesOf(endpoint).filter(({ key }) => key !== "name");
    return map([entry("name", literal(name, endpoint.range)), ...others], endpoint.range);
  });
}
