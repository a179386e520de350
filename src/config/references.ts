import type { Component } from "../component.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { CheckedComponent } from "./component-config.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Reference } from "./loaded.ts";
import type { WiringKey } from "./wiring.ts";

/**
 * Every reference must name a component that is there and carries the same signal. Components with other mistakes
 * count as there; `unknown` are ids of no known type, which are reported already.
 */
export function checkReferences(
  components: readonly CheckedComponent[],
  unknown: ReadonlySet<string>,
): readonly Diagnostic[] {
  const known = new Map(components.map(({ id, component }) => [id, component]));
  return components.flatMap((checked) =>
    (["targets", "forward_to"] as const).flatMap((key) => {
      const references = checked.wiring[key].filter(({ id }) => !unknown.has(id));
      return references.flatMap((reference, at) => {
        const isRepeated = references.findIndex(({ id }) => id === reference.id) < at;
        const message = isRepeated ? `\`${reference.id}\` is named twice` : wrongWire(checked, key, reference, known);
        return message === undefined ? [] : [mistake(message, reference.place)];
      });
    }),
  );
}

/** What `logging.write_to` names must be there and accept logs. */
export function checkLogReceivers(
  references: readonly Reference[],
  components: readonly CheckedComponent[],
  unknown: ReadonlySet<string>,
): readonly Diagnostic[] {
  const known = new Map(components.map(({ id, component }) => [id, component]));
  return references.flatMap((reference, at) => {
    const { id, place } = reference;
    const named = known.get(id);
    if (references.findIndex((other) => other.id === id) < at) return [mistake(`\`${id}\` is named twice`, place)];
    if (named === undefined) return unknown.has(id) ? [] : [mistake(noComponent(id, [...known.keys()]), place)];
    if (named.accepts === "logs") return [];
    return [mistake(`\`${id}\` ${accepts(named)}, not logs`, place)];
  });
}

/** Why the component cannot be wired to what it names; undefined when it can. */
function wrongWire(
  { id, component }: CheckedComponent,
  key: WiringKey,
  { id: other }: Reference,
  known: ReadonlyMap<string, Component>,
): string | undefined {
  const named = known.get(other);
  if (other === id) return `\`${id}\` cannot name itself`;
  if (named === undefined) {
    const others = [...known.keys()].filter((name) => name !== id);
    return noComponent(other, others);
  }
  if (key === "targets") return named.emits === "targets" ? undefined : `\`${other}\` ${emits(named)}, not targets`;
  if (named.accepts === component.emits) return undefined;
  return `\`${other}\` ${accepts(named)}, \`${id}\` ${emits(component)}`;
}

function noComponent(id: string, others: readonly string[]): string {
  // Alloy names what a component exports; here the component itself is named.
  const component = id.replace(/\.(?:receiver|targets|output)$/, "");
  const suggestion = others.includes(component) ? `; did you mean \`${component}\`?` : didYouMean(id, others);
  return `there is no component \`${id}\`${suggestion}`;
}

function emits({ emits: signal }: Component): string {
  return `emits ${signal ?? "nothing"}`;
}

function accepts({ accepts: signal }: Component): string {
  return `accepts ${signal ?? "nothing"}`;
}
