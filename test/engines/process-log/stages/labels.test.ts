import { expect, test } from "vitest";
import { processed } from "../../../support/stages.ts";

const given = { labels: { app: "a", pod: "p" }, extracted: { level: "info", none: "" }, metadata: { trace: "t" } };

test.each([
  [
    "labels: an empty name is the label's own",
    { labels: { values: { level: "" } } },
    { app: "a", level: "info", pod: "p" },
  ],
  [
    "labels: a value of another name",
    { labels: { values: { severity: "level" } } },
    { app: "a", pod: "p", severity: "info" },
  ],
  [
    "labels: a label is an extracted value, too",
    { labels: { values: { name: "app" } } },
    { app: "a", name: "a", pod: "p" },
  ],
  [
    "labels: what is not there changes nothing",
    { labels: { values: { app: "absent", x: "absent" } } },
    { app: "a", pod: "p" },
  ],
  ["labels: an empty value takes the label away", { labels: { values: { app: "none" } } }, { pod: "p" }],
  [
    "labels: from metadata",
    { labels: { values: { id: "trace" }, source_type: "structured_metadata" } },
    { app: "a", id: "t", pod: "p" },
  ],
  ["label_drop", { label_drop: { values: ["pod", "absent"] } }, { app: "a" }],
  ["label_keep", { label_keep: { values: ["pod", "absent"] } }, { pod: "p" }],
  [
    "static_labels sets and replaces",
    { static_labels: { values: { app: "b", env: "prod", no: "" } } },
    { app: "b", env: "prod", pod: "p" },
  ],
  ["tenant by value", { tenant: { value: "team" } }, { __tenant_id__: "team", app: "a", pod: "p" }],
  ["tenant by label", { tenant: { label: "app" } }, { __tenant_id__: "a", app: "a", pod: "p" }],
  ["tenant by extracted value", { tenant: { source: "level" } }, { __tenant_id__: "info", app: "a", pod: "p" }],
  ["tenant: what is not there changes nothing", { tenant: { source: "absent" } }, { app: "a", pod: "p" }],
  ["structured_metadata takes labels away", { structured_metadata: { values: { pod: "" } } }, { app: "a" }],
])("%s", (_, stage, labels) => {
  expect(processed([stage], given)?.labels).toEqual(labels);
});

test.each([
  ["an extracted value", { structured_metadata: { values: { severity: "level" } } }, { severity: "info", trace: "t" }],
  ["a label", { structured_metadata: { values: { pod_name: "pod" } } }, { pod_name: "p", trace: "t" }],
  ["what a regex matches", { structured_metadata: { regex: "^(pod|lev)" } }, { level: "info", pod: "p", trace: "t" }],
  ["without what is dropped", { structured_metadata_drop: { values: ["trace"] } }, {}],
])("structured metadata: %s", (_, stage, metadata) => {
  expect(processed([stage], given)?.metadata).toEqual(metadata);
});

test("labels keep their order, so that equal sets are equal", () => {
  const labels = processed([{ static_labels: { values: { b: "2", d: "4", a: "1" } } }], {
    labels: { c: "3", e: "5" },
  })?.labels;
  expect(Object.keys(labels ?? {})).toEqual(["a", "b", "c", "d", "e"]);
});
