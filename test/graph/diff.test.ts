import { expect, test } from "vitest";
import { diffComponents } from "../../src/graph/diff.ts";
import { fakeComponent, fakeConfig } from "../support/graph-fixtures.ts";

const source = fakeComponent("a.source", { emits: "metrics" }, () => ({}));
const relabel = fakeComponent("a.relabel", { accepts: "targets", emits: "targets" }, () => ({}));

test("tells what stays, changes, starts and stops", () => {
  const before = [
    fakeConfig(source, "kept", { n: [1] }),
    fakeConfig(source, "changed", { n: 1 }),
    fakeConfig(source, "gone"),
  ];
  const after = [
    fakeConfig(source, "new"),
    fakeConfig(source, "changed", { n: 2 }),
    fakeConfig(source, "kept", { n: [1] }),
  ];
  expect(diffComponents(before, after)).toEqual({
    keep: ["a.source.kept"],
    change: ["a.source.changed"],
    start: ["a.source.new"],
    stop: ["a.source.gone"],
  });
});

test("does not take new wiring for a change of the component", () => {
  const f = (component: typeof source, before: object, after: object, kept: boolean) => {
    const { keep } = diffComponents([fakeConfig(component, "x", before)], [fakeConfig(component, "x", after)]);
    expect(keep.length === 1).toBe(kept);
  };
  f(source, { forward_to: ["b.x"] }, { forward_to: ["b.y", "b.x"] }, true);
  f(relabel, { targets: ["b.x"] }, { targets: [] }, true);
  f(source, { targets: ["b.x"] }, { targets: [] }, false);
  f(relabel, { forward_to: ["b.x"] }, {}, false);
  f(source, {}, { interval: "5s" }, false);
});

test("takes another folder of the config file for a change, because relative paths mean other files then", () => {
  const config = fakeConfig(source);
  expect(diffComponents([config], [{ ...config, configDir: "/elsewhere" }]).change).toEqual(["a.source.x"]);
});
