import type { Diagnostic } from "../config/diagnostic.ts";
import type { ComponentConfig, LoadedConfig, Reference } from "../config/loaded.ts";
import { topologicalOrder } from "./order.ts";

/** What the graph is to be: the components in the order data flows, and who sends to whom. */
export interface Plan {
  readonly components: readonly ComponentConfig[];
  /** Sender to receivers. */
  readonly receivers: ReadonlyMap<string, readonly string[]>;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Joins the two wiring words: `forward_to` names receivers, `targets` names senders. The references are known to exist. */
export function planGraph(config: LoadedConfig): PlanResult {
  const receivers = new Map<string, string[]>(config.components.map(({ id }) => [id, []]));
  const edges: Wire[] = config.components.flatMap(wiresOf);
  for (const { from, to } of edges) receivers.get(from)?.push(to);

  const order = topologicalOrder(
    config.components.map(({ id }) => id),
    (id) => receivers.get(id) ?? [],
  );
  if (!order.ok) return { ok: false, diagnostics: [cycleDiagnostic(order.cycle, edges)] };

  const byId = new Map(config.components.map((component) => [component.id, component]));
  const components = order.ids.flatMap((id) => byId.get(id) ?? []);
  return { ok: true, plan: { components, receivers } };
}

/** These components and all that get data from them, directly or not. */
export function downstreamOf({ receivers }: Plan, ids: readonly string[]): ReadonlySet<string> {
  const found = new Set(ids);
  // A set is walked in the order in which it grows.
  for (const id of found) for (const receiver of receivers.get(id) ?? []) found.add(receiver);
  return found;
}

interface Wire {
  readonly from: string;
  readonly to: string;
  readonly reference: Reference;
}

function wiresOf(component: ComponentConfig): Wire[] {
  return [
    ...component.forwardTo.map((reference) => ({ from: component.id, to: reference.id, reference })),
    ...component.targets.map((reference) => ({ from: reference.id, to: component.id, reference })),
  ];
}

/** Placed at the reference that closes the cycle. */
function cycleDiagnostic(cycle: readonly string[], wires: readonly Wire[]): Diagnostic {
  const closing = wires.find(({ from, to }) => from === cycle.at(-2) && to === cycle.at(-1));
  return {
    severity: "error",
    message: `the components form a cycle: ${cycle.map((id) => `\`${id}\``).join(" -> ")}`,
    hint: "data must end in a component that sends to nobody, such as prometheus.remote_write",
    ...(closing === undefined ? {} : { place: closing.reference.place }),
  };
}
