import { listAt, textAt, valueAt } from "../../../../lib/json-at.ts";
import { type KubeObject, metaLabels, namespaceLabel, type ObjectTargets, prefix } from "../objects.ts";

/** An ingress is a target for each path of each host. */
export function ingressRole(ingress: KubeObject): ObjectTargets {
  const labels = {
    ...namespaceLabel(ingress),
    [`${prefix}ingress_class_name`]: textAt(ingress, "spec", "ingressClassName"),
    ...metaLabels(ingress, "ingress"),
  };
  const tlsHosts = listAt(ingress, "spec", "tls").flatMap((tls) => listAt(tls, "hosts").map((host) => textAt(host)));
  const targets = listAt(ingress, "spec", "rules").flatMap((rule) => {
    const host = textAt(rule, "host");
    const scheme = tlsHosts.some((pattern) => isHostLike(host, pattern)) ? "https" : "http";
    return pathsOf(rule).map((path) => ({
      __address__: host,
      [`${prefix}ingress_scheme`]: scheme,
      [`${prefix}ingress_host`]: host,
      [`${prefix}ingress_path`]: path,
    }));
  });
  return { labels, targets };
}

function pathsOf(rule: unknown): string[] {
  if (valueAt(rule, "http") == null) return ["/"];
  return listAt(rule, "http", "paths").map((path) => textAt(path, "path") || "/");
}

/** A `*` stands for one whole label, the first. */
function isHostLike(host: string, pattern: string): boolean {
  const parts = host.split(".");
  const wanted = pattern.split(".");
  return parts.length === wanted.length && wanted.every((part, at) => (at === 0 && part === "*") || part === parts[at]);
}
