import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixtureExporter, gathered } from "../fixture-host.ts";

test("what is wrong is told once, and again when it is right", async () => {
  using dir = tempDir();
  const path = join(dir.path, "a.prom");
  const { exporter, logged } = fixtureExporter(["textfile"], {}, { textfile: { directories: [dir.path] } });
  const scrape = async (text: string) => {
    writeFileSync(path, text);
    return gathered(exporter, "node_textfile_scrape_error");
  };
  expect(await scrape("m one\n")).toEqual(["node_textfile_scrape_error 1"]);
  expect(await scrape("m one\n")).toEqual(["node_textfile_scrape_error 1"]);
  expect(await scrape("m 1\n")).toEqual(["node_textfile_scrape_error 0"]);
  exporter.close();
  expect(logged).toEqual([
    `error cannot read the text file or folder {"collector":"textfile","path":"${path}","error":"line 1: expected a number, and nothing behind it, got \\" one\\""}`,
    `info the text file is read again {"collector":"textfile","path":"${path}"}`,
  ]);
});

test("without a folder there is nothing but that nothing is wrong", async () => {
  const { exporter } = fixtureExporter(["textfile"]);
  expect(await gathered(exporter, "node_textfile")).toEqual(["node_textfile_scrape_error 0"]);
  exporter.close();
});
