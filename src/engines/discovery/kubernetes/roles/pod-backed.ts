import { listAt, numberAt, textAt } from "../../../../lib/json-at.ts";
import { joinHostPort } from "../../meta-labels.ts";
import { containersOf, type KubeObject, type LabelRecord, prefix } from "../objects.ts";
import { containerLabels, containerPortLabels, podIp, podLabels } from "./pod.ts";

/** The pods behind an object of endpoints, and the ports of them that it has named. */
export class SeenPods {
  readonly #ports = new Map<KubeObject, Set<number>>();

  /** The labels of an endpoint at this port of a pod; 0 where it names none. */
  labels(pod: KubeObject, port: number): LabelRecord {
    const ports = this.#ports.get(pod) ?? new Set();
    this.#ports.set(pod, ports.add(port));
    const labels = podLabels(pod);
    for (const { container, isInit } of containersOf(pod)) {
      const same = listAt(container, "ports").find((each) => numberAt(each, "containerPort") === port);
      if (same !== undefined) Object.assign(labels, portLabels(container, same, isInit));
    }
    return labels;
  }

  /** Targets for the ports of the pods that no endpoint has named. */
  otherPorts(): LabelRecord[] {
    return [...this.#ports].flatMap(([pod, seen]) => {
      const ip = podIp(pod);
      if (ip === "") return [];
      return containersOf(pod).flatMap(({ container, isInit }) =>
        listAt(container, "ports")
          .filter((port) => !seen.has(numberAt(port, "containerPort")))
          .map((port) => ({
            __address__: joinHostPort(ip, textAt(port, "containerPort")),
            ...portLabels(container, port, isInit),
            ...podLabels(pod),
          })),
      );
    });
  }
}

/** Prometheus leaves out the id of the container here. */
function portLabels(container: unknown, port: unknown, isInit: boolean): LabelRecord {
  return {
    ...containerLabels(container),
    ...containerPortLabels(port),
    [`${prefix}pod_container_init`]: String(isInit),
  };
}
