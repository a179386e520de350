import { expect, test } from "vitest";
import { collectors } from "../../src/engines/host/collectors.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { promtool, startNodeExporter } from "../support/servers.ts";
import { startSondeNodeExporter } from "../support/sonde.ts";

/** What promtool has to say about a page. */
async function complaints(url: string): Promise<string[]> {
  const input = await (await fetch(`${url}/metrics`)).text();
  const { stdout, stderr } = await promtool(["check", "metrics"], { input });
  return `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
}

await describeWithServers("promtool check metrics", ["promtool", "node_exporter"], () => {
  test("is silent about what it does not say of node_exporter's own page", async () => {
    const all = collectors.map(({ name }) => `--collector.${name}`).filter((flag) => !newer.test(flag));
    await using theirs = await startNodeExporter({ flags: all });
    await using ours = await startSondeNodeExporter(all);
    const known = await complaints(theirs.url);
    expect(known.length).toBeGreaterThan(0);
    expect((await complaints(ours.url)).filter((line) => !known.includes(line))).toEqual([]);
  });
});

/** What Debian's node_exporter, 1.11, has not yet. */
const newer = /collector\.(dmmultipath|nvmesubsystem)$/;
