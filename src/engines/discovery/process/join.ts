import { type Labels, labelValue, mergeLabels } from "../../../signals/labels.ts";
import type { Target } from "../../../signals/targets.ts";

/**
 * Processes with the labels of the container that they run in, beside the containers themselves, as Alloy joins them. Where
 * both have a label, the container's wins.
 */
export function joinContainers(processes: readonly Labels[], containers: readonly Target[]): Target[] {
  const byId = new Map(containers.map((container) => [containerIdOf(container.labels), container]));
  byId.delete("");
  const joined = processes.map((labels): Target => {
    const container = byId.get(containerIdOf(labels));
    return container === undefined ? { labels } : { ...container, labels: mergeLabels(labels, container.labels) };
  });
  const others = containers.filter(({ labels }) => containerIdOf(labels) === "");
  return [...others, ...joined, ...byId.values()];
}

/** "" for what is in no container. */
function containerIdOf(labels: Labels): string {
  const own = labelValue(labels, "__container_id__");
  if (own !== "") return own;
  const inPod = labelValue(labels, "__meta_kubernetes_pod_container_id");
  if (inPod !== "") return /^(?:docker|containerd|cri-o):\/\/(.*)$/s.exec(inPod)?.[1] ?? "";
  return labelValue(labels, "__meta_docker_container_id");
}
