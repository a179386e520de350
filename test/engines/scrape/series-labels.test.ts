import { expect, test } from "vitest";
import { checkLabels, seriesLabels } from "../../../src/engines/scrape/series-labels.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import { scrapeSettings } from "../../support/scrape-settings.ts";

const target = labelsFrom({ job: "t", instance: "i" });

function merge(honorLabels: boolean, ...exposed: string[]): string {
  return formatLabels(seriesLabels(["__name__", "m", ...exposed], target, honorLabels));
}

test("the target's labels win, and exposed ones move away", () => {
  const f = (exposed: string[], want: string) => expect(merge(false, ...exposed)).toBe(`{__name__="m", ${want}}`);
  f(["a", "1"], 'a="1", instance="i", job="t"');
  f(["job", "x"], 'exported_job="x", instance="i", job="t"');
  f(["job", "x", "exported_job", "y"], 'exported_exported_job="x", exported_job="y", instance="i", job="t"');
  f(["job", ""], 'instance="i", job="t"');
  f(["a", "", "b", "2"], 'b="2", instance="i", job="t"');
  f(["a", "1", "a", ""], 'instance="i", job="t"');
  f(["a", "", "a", "1"], 'instance="i", job="t"');
});

test("clashes are resolved shortest name first", () => {
  const labels = labelsFrom({ job: "t", exported_job: "u" });
  expect(formatLabels(seriesLabels(["exported_job", "y", "job", "x"], labels, false))).toBe(
    '{exported_exported_exported_job="y", exported_exported_job="x", exported_job="u", job="t"}',
  );
});

test("with honor_labels exposed labels win where they are present, even empty", () => {
  const f = (exposed: string[], want: string) => expect(merge(true, ...exposed)).toBe(`{__name__="m"${want}}`);
  f(["a", "1"], ', a="1", instance="i", job="t"');
  f(["job", "x"], ', instance="i", job="x"');
  f(["job", "", "instance", ""], "");
});

test("a label that comes twice is refused, unless the target's own takes its place", () => {
  expect(() => merge(false, "a", "1", "a", "1")).toThrow('the label "a" comes twice');
  expect(() => merge(true, "job", "1", "job", "2")).toThrow('the label "job" comes twice');
  expect(() => merge(false, "__name__", "n")).toThrow('the label "__name__" comes twice');
});

test("legacy validation refuses the names that came with UTF-8, of metrics and of labels", () => {
  function f(labels: Record<string, string>, want: string): void {
    const check = () => checkLabels(labelsFrom(labels), { ...scrapeSettings, nameValidationScheme: "legacy" });
    if (want === "") check();
    else expect(check).toThrow(`${want} is not valid; metric_name_validation_scheme is legacy`);
    checkLabels(labelsFrom(labels), scrapeSettings);
  }
  f({ __name__: "a:b_1", a_1: "é" }, "");
  f({ __name__: "a.b" }, 'the name "a.b"');
  f({ __name__: "é" }, 'the name "é"');
  f({ __name__: "1a" }, 'the name "1a"');
  f({ __name__: "a\n" }, 'the name "a\n"');
  f({ __name__: "m", "a.b": "1" }, 'the label name "a.b"');
  f({ __name__: "m", "a:b": "1" }, 'the label name "a:b"');
});
